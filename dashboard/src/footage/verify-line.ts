/**
 * The line with which the receiver checks a package. The fingerprint is shown in groups for reading aloud; on a command
 * line it has to be one word.
 */
export function verifyLine(fileName: string, fingerprint: string): string {
  const file = /^[\w./-]+$/.test(fileName) ? fileName : `'${fileName.replaceAll("'", `'\\''`)}'`;
  return `sharp-eyes verify ${file} --trust ${fingerprint.replace(/\s+/g, '')}`;
}
