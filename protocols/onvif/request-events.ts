import { el, element, type Markup } from '../soap/build.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import type { OnvifRequest } from './request.ts';
import { formatDuration } from './time.ts';

const PULL_POINT = `${NAMESPACES.tev}/PullPointSubscription`;
const CONCRETE_SET = 'http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet';

function request(operation: string, action: string, body: Markup): OnvifRequest {
  return { service: 'events', operation, action, body };
}

/** Topics the device can report (ONVIF Core, 9.8). */
export const getEventProperties = (): OnvifRequest =>
  request(
    'GetEventProperties',
    `${NAMESPACES.tev}/EventPortType/GetEventPropertiesRequest`,
    el('tev:GetEventProperties'),
  );

/**
 * A new pull point (ONVIF Core, 9.2).
 * @param termination how long it lives without a sign of life, relative; null leaves it to the device (some refuse ours)
 * @param topicFilter a topic expression, e.g. `tns1:Door//.`; left out for everything
 */
export function createPullPointSubscription(terminationMs: number | null, topicFilter?: string): OnvifRequest {
  return request(
    'CreatePullPointSubscription',
    `${NAMESPACES.tev}/EventPortType/CreatePullPointSubscriptionRequest`,
    el(
      'tev:CreatePullPointSubscription',
      topicFilter === undefined
        ? undefined
        : el('tev:Filter', element('wsnt:TopicExpression', { Dialect: CONCRETE_SET }, topicFilter)),
      terminationMs === null ? undefined : el('tev:InitialTerminationTime', formatDuration(terminationMs)),
    ),
  );
}

/** Waits up to `timeoutMs` for messages; the HTTP timeout must be longer. */
export function pullMessages(timeoutMs: number, messageLimit: number): OnvifRequest {
  return request(
    'PullMessages',
    `${PULL_POINT}/PullMessagesRequest`,
    el('tev:PullMessages', el('tev:Timeout', formatDuration(timeoutMs)), el('tev:MessageLimit', messageLimit)),
  );
}

/** Asks for the present state of all properties, as `Initialized` messages. */
export const setSynchronizationPoint = (): OnvifRequest =>
  request('SetSynchronizationPoint', `${PULL_POINT}/SetSynchronizationPointRequest`, el('tev:SetSynchronizationPoint'));

/** Prolongs a subscription by `terminationMs` from now. */
export const renew = (terminationMs: number): OnvifRequest =>
  request(
    'Renew',
    'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest',
    el('wsnt:Renew', el('wsnt:TerminationTime', formatDuration(terminationMs))),
  );

/** Ends a subscription. */
export const unsubscribe = (): OnvifRequest =>
  request(
    'Unsubscribe',
    'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest',
    el('wsnt:Unsubscribe'),
  );
