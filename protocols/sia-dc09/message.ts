/** A DC-09 message, apart from its frame (SIA DC-09, 5.5.1). */
export interface Dc09Message {
  /** Without the asterisk: `SIA-DCS`, `ADM-CID`, `NULL`, `ACK`, `NAK`, `DUH`, `RSP` or a format of the maker's own. */
  readonly id: string;
  /** The content is encrypted: `data`, `extended` and `timestamp` are empty until it is decrypted. */
  readonly encrypted: boolean;
  /** Four digits as sent; the receiver echoes it and does not judge it. */
  readonly sequence: string;
  /** Receiver number without its `R`; null when the message has none. */
  readonly receiver: string | null;
  /** Account prefix (line number) without its `L`; may be empty and must be echoed so. */
  readonly linePrefix: string;
  /** Account without its `#`; null when the message has none. */
  readonly account: string | null;
  /** Content of the first pair of brackets. */
  readonly data: string;
  /** Contents of the further pairs: extended data, the first letter says which. */
  readonly extended: readonly string[];
  /** Timestamp without its `_`, as sent; null when there is none or it is damaged. */
  readonly timestamp: string | null;
  /** Hexadecimal cipher text of an encrypted message, else ''. */
  readonly cipherText: string;
}

/** A frame that was read. CRC and length are reported, not judged: some panels in the field get them wrong. */
export interface Dc09Frame {
  readonly message: Dc09Message;
  /** CRC as sent, four hexadecimal digits. */
  readonly crc: string;
  readonly crcValid: boolean;
  /** Length as sent. */
  readonly length: string;
  readonly lengthValid: boolean;
}

/** AES-CBC with an all-zero initialisation vector and no padding (DC-09, 5.4.4); throws nothing, sizes are checked. */
export interface Dc09Cipher {
  encrypt(plain: Uint8Array): Uint8Array;
  decrypt(cipherText: Uint8Array): Uint8Array;
}
