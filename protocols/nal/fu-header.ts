// The byte in front of a fragment's body: RFC 6184 section 5.8 (H.264), RFC 7798 section 4.4.3 (H.265).

/** The fragment is its NAL unit's first. */
export const FU_START = 0x80;
/** The fragment is its NAL unit's last. */
export const FU_END = 0x40;
