import { SharpEyesError } from '../../contract/errors.ts';
import { at, child, childrenOf, deepText, findAll, textAt, toBoolean } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';
import type { Items, Notification, PropertyOperation } from './notification.ts';
import type { ReferenceParameter } from './request.ts';
import { parseDateTime } from './time.ts';
import { canonicalTopic } from './topic.ts';

const MAX_NOTIFICATIONS = 1_000;
const MAX_ITEMS = 32;
const MAX_ITEM_LENGTH = 512;

/** A new pull point. */
export interface PullPoint {
  /** Address as written by the device; its host may be wrong behind NAT. */
  readonly address: string;
  readonly referenceParameters: readonly ReferenceParameter[];
  readonly currentTimeMs: number | null;
  readonly terminationTimeMs: number | null;
}

/**
 * Reads CreatePullPointSubscriptionResponse.
 * @throws SharpEyesError DEVICE_PROTOCOL when there is no subscription address in it
 */
export function parsePullPoint(body: XmlElement): PullPoint {
  const reference = at(body, 'SubscriptionReference');
  const address = textAt(reference, 'Address');
  if (address === null)
    throw new SharpEyesError('DEVICE_PROTOCOL', 'the device created a pull point without an address');
  const parameters = at(reference, 'ReferenceParameters')?.children ?? [];
  return {
    address,
    referenceParameters: parameters.slice(0, MAX_ITEMS).map(({ name, namespace, text }) => ({ name, namespace, text })),
    ...parseTimes(body),
  };
}

/** Times that a device adds to answers about subscriptions; both by its own clock. */
export function parseTimes(body: XmlElement): { currentTimeMs: number | null; terminationTimeMs: number | null } {
  return {
    currentTimeMs: parseDateTime(textAt(body, 'CurrentTime')),
    terminationTimeMs: parseDateTime(textAt(body, 'TerminationTime')),
  };
}

/** Notifications of a PullMessagesResponse, a Notify or a metadata stream's document, in order. */
export function parseNotifications(body: XmlElement): Notification[] {
  return findAll(body, 'NotificationMessage').slice(0, MAX_NOTIFICATIONS).map(parseNotification);
}

function parseNotification(element: XmlElement): Notification {
  const topic = child(element, 'Topic');
  const message = at(element, 'Message', 'Message');
  const written = topic === undefined ? '' : deepText(topic).trim();
  return {
    topic: canonicalTopic(written, topic?.scope ?? new Map()),
    topicWritten: written.slice(0, 256),
    propertyOperation: operationOf(message?.attributes.get('PropertyOperation')),
    utcTimeMs: parseDateTime(message?.attributes.get('UtcTime')),
    source: items(child(message, 'Source')),
    key: items(child(message, 'Key')),
    data: items(child(message, 'Data')),
  };
}

function operationOf(text: string | undefined): PropertyOperation | null {
  return text === 'Initialized' || text === 'Changed' || text === 'Deleted' ? text : null;
}

/** Simple items by name; a repeated name keeps its last value, as a later item supersedes an earlier one. */
function items(element: XmlElement | undefined): Items {
  const entries = childrenOf(element, 'SimpleItem')
    .slice(0, MAX_ITEMS)
    .map((item): [string, string] => [
      (item.attributes.get('Name') ?? '').slice(0, 64),
      (item.attributes.get('Value') ?? '').slice(0, MAX_ITEM_LENGTH),
    ]);
  return Object.fromEntries(entries.filter(([name]) => name !== ''));
}

/** A topic that a device says it can report. */
export interface TopicDescription {
  readonly topic: string;
  /** Null where the device describes the topic no further (a mere branch, or a careless device). */
  readonly isProperty: boolean | null;
  /** Item names and their types as written. */
  readonly source: Items;
  readonly key: Items;
  readonly data: Items;
}

/** Reads GetEventPropertiesResponse: the topics of the topic set, in document order. */
export function parseEventProperties(body: XmlElement): TopicDescription[] {
  const topics: TopicDescription[] = [];
  const walk = (element: XmlElement, path: readonly string[]): void => {
    if (topics.length >= MAX_NOTIFICATIONS) return;
    const description = child(element, 'MessageDescription');
    if (description !== undefined || toBoolean(element.attributes.get('topic')) === true) {
      topics.push({
        topic: canonicalTopic(path.join('/'), element.scope),
        isProperty: description === undefined ? null : toBoolean(description.attributes.get('IsProperty') ?? 'false'),
        source: itemTypes(child(description, 'Source')),
        key: itemTypes(child(description, 'Key')),
        data: itemTypes(child(description, 'Data')),
      });
    }
    for (const sub of element.children) {
      if (sub.name === 'MessageDescription') continue;
      walk(sub, [...path, sub.prefix === '' ? sub.name : `${sub.prefix}:${sub.name}`]);
    }
  };
  const root = at(body, 'TopicSet');
  if (root !== undefined) walk(root, []);
  return topics;
}

function itemTypes(element: XmlElement | undefined): Items {
  const descriptions = [
    ...childrenOf(element, 'SimpleItemDescription'),
    ...childrenOf(element, 'ElementItemDescription'),
  ].slice(0, MAX_ITEMS);
  return Object.fromEntries(
    descriptions.map((item) => [item.attributes.get('Name') ?? '', item.attributes.get('Type') ?? '']),
  );
}
