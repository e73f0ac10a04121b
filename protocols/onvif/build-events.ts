import { type Content, el, element, envelope, type Markup } from '../soap/build.ts';
import type { Items, PropertyOperation } from './notification.ts';
import type { TopicDescription } from './parse-events.ts';
import { formatDateTime } from './time.ts';

const CONCRETE_SET = 'http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet';

function answer(operation: string, ...content: Content[]): string {
  return envelope(
    ['wsa', 'wsnt', 'wstop', 'tev', 'tt', 'tns1', 'xs'],
    el('wsa:Action', operation),
    el(`tev:${operation}Response`, ...content),
  );
}

/** A message as a device sends it. */
export interface NotificationToBuild {
  /** With prefix `tns1:`; a further prefix must be declared by nobody, as some devices do. */
  readonly topic: string;
  readonly utcTimeMs: number;
  readonly propertyOperation?: PropertyOperation;
  readonly source: Items;
  readonly key?: Items;
  readonly data: Items;
}

function items(name: string, values: Items | undefined): Content {
  const entries = Object.entries(values ?? {});
  if (entries.length === 0) return undefined;
  return el(
    name,
    entries.map(([Name, Value]) => element('tt:SimpleItem', { Name, Value })),
  );
}

function notification(message: NotificationToBuild): Markup {
  return el(
    'wsnt:NotificationMessage',
    element('wsnt:Topic', { Dialect: CONCRETE_SET }, message.topic),
    el(
      'wsnt:Message',
      element(
        'tt:Message',
        { UtcTime: formatDateTime(message.utcTimeMs), PropertyOperation: message.propertyOperation },
        items('tt:Source', message.source),
        items('tt:Key', message.key),
        items('tt:Data', message.data),
      ),
    ),
  );
}

/** CreatePullPointSubscriptionResponse. */
export function buildPullPoint(address: string, currentTimeMs: number, terminationTimeMs: number): string {
  return answer(
    'CreatePullPointSubscription',
    el('tev:SubscriptionReference', el('wsa:Address', address)),
    el('wsnt:CurrentTime', formatDateTime(currentTimeMs)),
    el('wsnt:TerminationTime', formatDateTime(terminationTimeMs)),
  );
}

/** PullMessagesResponse. */
export function buildPullMessages(
  messages: readonly NotificationToBuild[],
  currentTimeMs: number,
  terminationTimeMs: number,
): string {
  return answer(
    'PullMessages',
    el('tev:CurrentTime', formatDateTime(currentTimeMs)),
    el('tev:TerminationTime', formatDateTime(terminationTimeMs)),
    messages.map(notification),
  );
}

/** SetSynchronizationPointResponse. */
export const buildSetSynchronizationPoint = (): string => answer('SetSynchronizationPoint');

/** RenewResponse. */
export function buildRenew(currentTimeMs: number, terminationTimeMs: number): string {
  return envelope(
    ['wsa', 'wsnt'],
    undefined,
    el(
      'wsnt:RenewResponse',
      el('wsnt:TerminationTime', formatDateTime(terminationTimeMs)),
      el('wsnt:CurrentTime', formatDateTime(currentTimeMs)),
    ),
  );
}

/** UnsubscribeResponse. */
export const buildUnsubscribe = (): string => envelope(['wsnt'], undefined, el('wsnt:UnsubscribeResponse'));

/** GetEventPropertiesResponse: a topic set with the given leaves. */
export function buildEventProperties(topics: readonly TopicDescription[]): string {
  return answer(
    'GetEventProperties',
    el('tev:TopicNamespaceLocation', 'http://www.onvif.org/onvif/ver10/topics/topicns.xml'),
    el('wsnt:FixedTopicSet', true),
    el('wstop:TopicSet', topics.map(topicBranch)),
  );
}

function topicBranch(topic: TopicDescription): Content {
  const leaf = element(
    'tt:MessageDescription',
    { IsProperty: topic.isProperty ?? false },
    itemTypes('tt:Source', topic.source),
    itemTypes('tt:Data', topic.data),
  );
  return topic.topic
    .split('/')
    .reduceRight<Content>((inner, name) => element(name, inner === leaf ? { 'wstop:topic': true } : {}, inner), leaf);
}

function itemTypes(name: string, types: Items): Content {
  const entries = Object.entries(types);
  if (entries.length === 0) return undefined;
  return el(
    name,
    entries.map(([Name, Type]) => element('tt:SimpleItemDescription', { Name, Type })),
  );
}
