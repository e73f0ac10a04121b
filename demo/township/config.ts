/** What the township's process is told, as JSON in the variable SHARP_EYES_TOWNSHIP. */
export interface TownshipConfig {
  dataFolder: string;
  hubUrl: string;
  edgeId: string;
  /** Account through which the demo's script registers the devices. */
  account: string;
  password: string;
  /** The edge's DC-09 receiver. */
  receiver: { address: string; port: number };
  /** The edge's HJ 212 receiver. */
  stationReceiver: { address: string; port: number };
  /** The edge's local broker. */
  brokerUrl: string;
  /** Whether the scripted day is played. */
  day: boolean;
  /** Whether there is a camera that sends H.265. */
  h265: boolean;
  /** From the last registration to the first act. */
  firstPauseMs: number;
}
