import { buildJpegHeader, type PictureHeader } from '../../protocols/mjpeg/build-header.ts';
import { tablesOfQuality } from '../../protocols/mjpeg/quantization.ts';

/** A JPEG file with honest headers around a scan of `bytes` bytes that nobody could decode. */
export function jpegFile(bytes = 3000, fill = 0x55, header: Partial<PictureHeader> = {}): Buffer {
  const defaults = { width: 640, height: 360, halfHeightChroma: true, restartInterval: 0, tables: tablesOfQuality(60) };
  return Buffer.concat([buildJpegHeader({ ...defaults, ...header }), Buffer.alloc(bytes, fill), Buffer.of(0xff, 0xd9)]);
}
