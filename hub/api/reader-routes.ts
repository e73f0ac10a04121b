import type { FastifyInstance } from 'fastify';
import { READER_ROUTES, type ReaderList } from '../../contract/api/readers.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Access } from '../access/access.ts';
import type { ReaderPasswords } from '../access/readers.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { HubEvents } from '../hub-events.ts';
import type { Caller } from './caller.ts';
import { route } from './route.ts';

/** What the routes of readers use. */
export interface ReaderServices {
  access: Access;
  readers: ReaderPasswords;
  audit: AuditLog;
  events: HubEvents;
  /** Where programs read; null while that is off. */
  readerServer(): ReaderList['server'];
}

/** The own passwords for programs that read live streams over RTSP. */
export function readerRoutes(app: FastifyInstance, services: ReaderServices): void {
  const { access, readers, audit, events, readerServer } = services;
  const demandView = (caller: Caller): void => {
    if (caller.session.mustChangePassword) {
      throw new SharpEyesError('PASSWORD_CHANGE_NEEDED', 'choose a password of your own first');
    }
    access.demandPermission(caller.session, 'live.view');
  };

  route(app, READER_ROUTES.listReaders, async ({ caller }) => {
    demandView(caller);
    return { server: readerServer(), readers: await readers.list(caller.account) };
  });

  route(
    app,
    READER_ROUTES.createReader,
    async ({ caller, body, address }) => {
      demandView(caller);
      const { account } = caller;
      const created = await readers.create(account, body.name);
      const subject = created.reader.reader;
      await audit.append({ account, action: 'reader.create', subject, details: { name: body.name }, address });
      return created;
    },
    { perMinute: 30 },
  );

  route(app, READER_ROUTES.removeReader, async ({ caller, params, address }) => {
    const { account } = caller;
    await readers.remove(account, params.reader);
    events.emit('accountChanged', account);
    await audit.append({ account, action: 'reader.remove', subject: params.reader, address });
  });
}
