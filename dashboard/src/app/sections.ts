import { Cctv, FileVideo, LayoutGrid, type LucideIcon, Settings2, Siren } from 'lucide-react';
import type { Permission } from '../../../contract/access.ts';

interface Section {
  name: 'wall' | 'incidents' | 'footage' | 'devices' | 'admin';
  path: string;
  needs: Permission;
  icon: LucideIcon;
}

/** The main areas in order; each is shown to those who may use it. */
export const SECTIONS: readonly Section[] = [
  { name: 'wall', path: '/wall', needs: 'live.view', icon: LayoutGrid },
  { name: 'incidents', path: '/incidents', needs: 'incident.read', icon: Siren },
  { name: 'footage', path: '/footage', needs: 'footage.view', icon: FileVideo },
  { name: 'devices', path: '/devices', needs: 'device.read', icon: Cctv },
  { name: 'admin', path: '/admin', needs: 'audit.read', icon: Settings2 },
];

/** Where work begins: a technician comes for the devices, an officer for incidents, everybody else for the wall. */
export function startPage(permissions: readonly Permission[]): string {
  const may = (permission: Permission): boolean => permissions.includes(permission);
  if (may('device.manage') && !may('incident.read')) return '/devices';
  if (may('footage.export') && !may('incident.handle')) return '/incidents';
  return SECTIONS.find((section) => may(section.needs))?.path ?? '/wall';
}
