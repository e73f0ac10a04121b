import { Cctv, CircleUserRound, KeyRound, LogOut, Moon, Sun, Volume2, VolumeX } from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover, Button as RacButton } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { signOut, useMay, useSession } from '../data/session.ts';
import { usePreferences } from '../preferences/preferences.ts';

interface Props {
  onChangePassword: () => void;
  /** Passwords for other programs. */
  onReaders: () => void;
}

/** Who is signed in, and the choices of this browser. */
export function AccountMenu({ onChangePassword, onReaders }: Props) {
  const { t } = useTranslation();
  const session = useSession();
  const mayView = useMay('live.view');
  const { theme, setTheme, muted, setMuted } = usePreferences();
  return (
    <MenuTrigger>
      <RacButton
        className="button"
        data-tone="quiet"
        data-size="icon"
        data-testid="account-menu"
        aria-label={t('shell.account')}
      >
        <CircleUserRound size={22} strokeWidth={1.75} aria-hidden />
      </RacButton>
      <Popover placement="right bottom">
        <div className="account-head">
          <strong>{session.displayName}</strong>
          <span className="small muted">
            {session.account} · {t(`words.role.${session.role}`)}
          </span>
          <span className="small faint">
            {t('shell.version', { version: session.version })}
            {session.demo && ` · ${t('shell.demo')}`}
          </span>
        </div>
        <Menu className="menu account-menu" aria-label={t('shell.account')}>
          <MenuItem className="menu-item" onAction={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
            {theme === 'dark' ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
            {theme === 'dark' ? t('shell.theme.light') : t('shell.theme.dark')}
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => setMuted(!muted)}>
            {muted ? <VolumeX size={18} aria-hidden /> : <Volume2 size={18} aria-hidden />}
            {muted ? t('shell.sound.off') : t('shell.sound.on')}
          </MenuItem>
          <MenuItem className="menu-item" onAction={onChangePassword}>
            <KeyRound size={18} aria-hidden />
            {t('shell.changePassword')}
          </MenuItem>
          {mayView && (
            <MenuItem className="menu-item" data-testid="open-readers" onAction={onReaders}>
              <Cctv size={18} aria-hidden />
              {t('shell.readers.menu')}
            </MenuItem>
          )}
          <MenuItem className="menu-item" data-testid="sign-out" onAction={() => void signOut()}>
            <LogOut size={18} aria-hidden />
            {t('shell.signOut')}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
