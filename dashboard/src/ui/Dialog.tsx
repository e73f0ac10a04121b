import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Heading, Modal, ModalOverlay, Dialog as RacDialog } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from './Button.tsx';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  testId?: string;
  /** A dialog that shows something once must not vanish by a stray click. */
  dismissable?: boolean;
}

/** A modal dialog: traps the focus, closes with Esc, gives the focus back. */
export function Dialog({ title, onClose, children, wide, testId, dismissable = true }: Props) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={dismissable}
      isKeyboardDismissDisabled={!dismissable}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="dialog" data-wide={wide || undefined}>
        <RacDialog data-testid={testId}>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {dismissable && (
              <Button tone="quiet" icon={<X size={20} aria-hidden />} label={t('common.close')} onClick={onClose} />
            )}
          </div>
          <div className="dialog-body">{children}</div>
        </RacDialog>
      </Modal>
    </ModalOverlay>
  );
}
