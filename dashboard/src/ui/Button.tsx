import type { ButtonHTMLAttributes, ReactNode } from 'react';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `solid` for the one main step, `alert` for accepting an alarm or destroying something. */
  tone?: 'plain' | 'solid' | 'alert' | 'quiet';
  icon?: ReactNode;
  /** Only an icon; then `label` is read out and shown as a tooltip. */
  label?: string;
  busy?: boolean;
}

export function Button({ tone = 'plain', icon, label, busy = false, children, disabled, className, ...rest }: Props) {
  return (
    <button
      type="button"
      className={className === undefined ? 'button' : `button ${className}`}
      data-tone={tone}
      data-size={children === undefined ? 'icon' : undefined}
      aria-label={label}
      title={label}
      aria-busy={busy || undefined}
      disabled={disabled === true || busy}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}
