import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, HTTP_STATUS, messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Log } from '../../platform/log.ts';

function send(reply: FastifyReply, status: number, code: ErrorCode, message: string, context: object): FastifyReply {
  const requestId = reply.request.id;
  return reply.code(status).send({ error: { code, message, context, requestId } });
}

/** Answers `{ error: { code, message, context, requestId } }` for whatever a route threw. */
export function failureHandler(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof SharpEyesError) {
      const status = HTTP_STATUS[error.kind];
      if (error.kind === 'internal') log.error({ requestId: request.id, err: error }, 'a request failed');
      return send(reply, status, error.code, error.message, error.context);
    }
    if (error.validation !== undefined) return send(reply, 400, 'INVALID_BODY', messageOf(error), {});
    const status = error.statusCode ?? 500;
    if (status === 404) return send(reply, 404, 'NOT_FOUND', 'there is nothing under this address', {});
    if (status === 413) return send(reply, 413, 'LIMIT_REACHED', 'the request is too large', {});
    if (status === 429) return send(reply, 429, 'LIMIT_REACHED', 'too many requests; wait a minute', {});
    if (status < 500) return send(reply, status, 'INVALID_BODY', messageOf(error), {});
    log.error({ requestId: request.id, err: error }, 'a request failed');
    return send(reply, 500, 'INTERNAL', 'the hub could not do this; its log has the reason under the request id', {});
  };
}
