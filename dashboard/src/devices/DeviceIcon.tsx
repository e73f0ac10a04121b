import { BellRing, Box, Cctv, DoorClosed, type LucideIcon, RadioTower } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DeviceType } from '../../../contract/device.ts';

const ICONS: Readonly<Record<DeviceType, LucideIcon>> = {
  camera: Cctv,
  door: DoorClosed,
  'alarm-box': BellRing,
  sensor: RadioTower,
  other: Box,
};

/** The kind of a device as a picture; its word is read out. */
export function DeviceIcon({ type }: { type: DeviceType }) {
  const { t } = useTranslation();
  const Icon = ICONS[type];
  return (
    <Icon className="device-icon" size={24} strokeWidth={1.6} role="img" aria-label={t(`words.deviceType.${type}`)} />
  );
}
