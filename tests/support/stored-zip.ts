/** The files of a ZIP that only stores, by name, read from its local headers alone. */
export function storedFiles(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = 0;
  while (zip.readUInt32LE(at) === 0x04034b50) {
    const nameAt = at + 30;
    const dataAt = nameAt + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', nameAt, nameAt + zip.readUInt16LE(at + 26));
    at = dataAt + zip.readUInt32LE(at + 18);
    files.set(name, zip.subarray(dataAt, at));
  }
  return files;
}
