/** What a property message says about its property (ONVIF Core, 9.4.2). */
export type PropertyOperation = 'Initialized' | 'Changed' | 'Deleted';

/** Items of a message by name, in the device's order. */
export type Items = Readonly<Record<string, string>>;

/** One notification of a device. */
export interface Notification {
  /** Canonical topic (`topic.ts`); '' when the device sent none. */
  readonly topic: string;
  /** Topic as the device wrote it. */
  readonly topicWritten: string;
  readonly propertyOperation: PropertyOperation | null;
  /** The device's time of the event; null when it is missing or unreadable. */
  readonly utcTimeMs: number | null;
  /** What reported: channel, input, door, rule. */
  readonly source: Items;
  /** Which object within the source. */
  readonly key: Items;
  readonly data: Items;
}
