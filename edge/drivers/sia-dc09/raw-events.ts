import { parseContactId } from '../../../protocols/sia-dc09/contact-id.ts';
import type { Dc09Message } from '../../../protocols/sia-dc09/message.ts';
import { parseSia } from '../../../protocols/sia-dc09/sia.ts';
import type { RawEvent } from '../../profiles/raw-event.ts';

/** Facts of a message for a profile; null when its content cannot be read, empty for a supervision message. */
export function rawEvents(message: Dc09Message): RawEvent[] | null {
  switch (message.id) {
    case 'NULL':
      return [];
    case 'ADM-CID': {
      const event = parseContactId(message.data);
      if (event === null) return null;
      const { code, qualifier, partition, zone } = event;
      return [withoutNulls({ format: 'contact-id', code, qualifier, area: partition, zone })];
    }
    case 'SIA-DCS': {
      const block = parseSia(message.data);
      if (block === null) return null;
      const area = block.modifiers['ri'] ?? null;
      return block.events.map(({ code, address }) =>
        withoutNulls({ format: 'sia', code, area, zone: address === '' ? null : address, text: block.text }),
      );
    }
    default:
      return null;
  }
}

function withoutNulls(facts: Record<string, string | null>): RawEvent {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}
