import { type ReactNode, useId } from 'react';

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  children: (props: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }) => ReactNode;
}

/** Label, control, hint and error, tied together for screen readers. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const bad = error !== undefined && error !== null && error !== '';
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': bad || hint !== undefined ? noteId : undefined, 'aria-invalid': bad })}
      {bad ? (
        <span id={noteId} className="field-error" role="alert">
          {error}
        </span>
      ) : (
        hint !== undefined && (
          <span id={noteId} className="field-hint">
            {hint}
          </span>
        )
      )}
    </div>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string | undefined;
  error?: string | null | undefined;
  type?: 'text' | 'password' | 'search' | 'url';
  testId?: string;
  placeholder?: string | undefined;
  autoComplete?: string;
  inputMode?: 'text' | 'decimal' | 'numeric' | 'url';
  required?: boolean;
  maxLength?: number;
  autoFocus?: boolean;
  mono?: boolean;
  onBlur?: () => void;
}

export function TextField({ label, value, onChange, hint, error, testId, mono, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(aria) => (
        <input
          className={mono === true ? 'input mono' : 'input'}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          data-testid={testId}
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...aria}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
  hint?: string | undefined;
  error?: string | null;
  testId?: string;
}

export function SelectField({ label, value, onChange, options, hint, error, testId }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(aria) => (
        <select
          className="input"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          data-testid={testId}
          {...aria}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface TextAreaProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  testId?: string;
  maxLength?: number;
  autoFocus?: boolean;
}

export function TextArea({ label, value, onChange, hint, testId, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint}>
      {(aria) => (
        <textarea
          className="input"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          data-testid={testId}
          {...rest}
          {...aria}
        />
      )}
    </Field>
  );
}

interface CheckProps {
  label: string;
  hint?: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
  testId?: string;
}

export function Check({ label, hint, checked, onChange, testId }: CheckProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        data-testid={testId}
      />
      <span className="check-text">
        <span>{label}</span>
        {hint !== undefined && <span className="small faint">{hint}</span>}
      </span>
    </label>
  );
}
