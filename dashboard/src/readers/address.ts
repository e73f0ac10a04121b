import type { ReaderList } from '../../../contract/api/readers.ts';

/** Address of a stream for other programs, without user name and password: these are asked for. */
export function readerAddress(
  server: NonNullable<ReaderList['server']>,
  hostname: string,
  deviceId: string,
  stream: 'main' | 'sub',
): string {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return `${server.scheme}://${host}:${server.port}/${deviceId}/${stream}`;
}
