const PUBLISH_QOS_0 = 0x30;
const TOPIC_LENGTH_BYTES = 2;
/** Most bytes of the length field (MQTT 3.1.1 section 2.2.3). */
const LENGTH_BYTES_MAX = 4;

/**
 * Everything of an MQTT 3.1.1 PUBLISH packet with QoS 0 that stands before the rest of its payload: fixed header, topic
 * (section 3.3), and the payload's beginning.
 * @param head the payload's first bytes, copied
 * @param restBytes how many bytes of payload follow; the caller sends them
 */
export function publishPrefix(topic: string, head: Uint8Array, restBytes: number): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const out = Buffer.allocUnsafe(1 + LENGTH_BYTES_MAX + TOPIC_LENGTH_BYTES + topicBytes + head.length);
  out[0] = PUBLISH_QOS_0;
  let at = 1;
  let left = TOPIC_LENGTH_BYTES + topicBytes + head.length + restBytes;
  do {
    out[at] = left > 0x7f ? (left & 0x7f) | 0x80 : left;
    left = Math.floor(left / 0x80);
    at += 1;
  } while (left > 0);
  at = out.writeUInt16BE(topicBytes, at);
  at += out.write(topic, at);
  out.set(head, at);
  return out.subarray(0, at + head.length);
}
