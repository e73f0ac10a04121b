/** One Huffman table as `DHT` has it: class and number, how many codes there are of each length, and their symbols. */
export interface HuffmanTable {
  /** 0 DC luma, 1 DC chroma, 0x10 AC luma, 0x11 AC chroma. */
  id: number;
  bytes: Uint8Array;
}

const table = (id: number, lengths: string, symbols: string): HuffmanTable => ({
  id,
  bytes: new Uint8Array(Buffer.from(lengths + symbols, 'hex')),
});

/** The typical tables of ISO/IEC 10918-1 annex K.3, which RTP takes for granted (RFC 2435 section 3.1.1). */
export const HUFFMAN_TABLES: readonly HuffmanTable[] = [
  // Table K.3
  table(0x00, '00010501010101010100000000000000', '000102030405060708090a0b'),
  // Table K.4
  table(0x01, '00030101010101010101010000000000', '000102030405060708090a0b'),
  // Table K.5
  table(
    0x10,
    '0002010303020403050504040000017d',

    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a' +
      '3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a929394' +
      '95969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8' +
      'e9eaf1f2f3f4f5f6f7f8f9fa',
  ),
  // Table K.6
  table(
    0x11,
    '00020102040403040705040400010277',

    '000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728' +
      '292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92' +
      '939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7' +
      'e8e9eaf2f3f4f5f6f7f8f9fa',
  ),
];
