/** How a sensor reaches its edge. */
export interface SensorAccess {
  username: string;
  password: string;
  topic: string;
  /** Address of the edge's local broker, as the edge says it; null when unknown. */
  broker: string | null;
  profileId: string | null;
}

/** The edge listens on every address: the reader knows the one that the sensor reaches. */
const WILDCARDS = ['', '0.0.0.0', '::', '[::]'];

/** A payload that the usual profiles understand. */
function examplePayload(profileId: string | null): string {
  if (profileId?.includes('water') === true) return '{"level": 1.25}';
  if (profileId?.includes('dust') === true) return '{"pm10": 42, "temperature": 21.5}';
  return '{"test": true}';
}

/** `mosquitto_pub` with everything filled in. */
export function publishExample(props: SensorAccess): string {
  const address = (props.broker ?? '').replace(/^mqtts?:\/\//, '');
  const colon = address.lastIndexOf(':');
  const host = colon > 0 ? address.slice(0, colon) : address;
  const port = colon > 0 ? address.slice(colon + 1) : '1883';
  return [
    `mosquitto_pub -h ${WILDCARDS.includes(host) ? 'EDGE-ADDRESS' : host} -p ${port} -q 1`,
    `-i ${props.username} -u ${props.username} -P '${props.password}'`,
    `-t ${props.topic} -m '${examplePayload(props.profileId)}'`,
  ].join(' \\\n  ');
}
