/**
 * An RTSP server in a process of its own, so that no relay is charged for it: plays a clip in a loop to every client
 * over interleaved TCP, each client at its own moment within the frame period, as independent cameras would.
 *
 * usage: rtsp-source.ts FILE FPS    prints `listening PORT`
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { isVcl, NAL, nalType, splitAnnexB } from '../../protocols/h264/nal.ts';
import { H264Packetizer } from '../../protocols/h264/packetizer.ts';
import { RTP_HEADER_BYTES } from '../../protocols/rtp/packet.ts';
import { buildResponse, type HeaderList, writeInterleavedHeader } from '../../protocols/rtsp/build.ts';
import { cseqOf, header, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import { buildSdp, h264Fmtp } from '../../protocols/sdp/build.ts';

const [file = '', fpsText = '25'] = process.argv.slice(2);
const fps = Number(fpsText);
const INTERLEAVED_BYTES = 4;
const MTU = 1440;

/** A frame as it goes out, with packet positions, so that numbers and times can be written per client. */
interface ReadyFrame {
  bytes: Buffer;
  packetsAt: readonly number[];
}

const { frames, sps, pps } = prepare(readFileSync(file));
const sdp = buildSdp({
  name: 'bench',
  sessionId: 1,
  address: '127.0.0.1',
  medias: [{ kind: 'video', payloadType: 96, rtpmap: 'H264/90000', fmtp: h264Fmtp(sps, pps), control: 'track1' }],
});

function prepare(stream: Uint8Array): { frames: ReadyFrame[]; sps: Uint8Array; pps: Uint8Array } {
  const packetizer = new H264Packetizer({ payloadType: 96, ssrc: 1, mtu: MTU, firstSequence: 0 });
  const ready: ReadyFrame[] = [];
  const sets = new Map<number, Uint8Array>();
  let unit: Uint8Array[] = [];
  for (const nal of splitAnnexB(stream)) {
    const type = nalType(nal[0] ?? 0);
    if (type === NAL.sps || type === NAL.pps) sets.set(type, nal);
    unit.push(nal);
    if (!isVcl(type)) continue;
    ready.push(interleave(packetizer.packetize(unit, 0)));
    unit = [];
  }
  return { frames: ready, sps: sets.get(NAL.sps) ?? Buffer.alloc(4), pps: sets.get(NAL.pps) ?? Buffer.alloc(4) };
}

function interleave(packets: readonly Uint8Array[]): ReadyFrame {
  const bytes = Buffer.alloc(packets.reduce((sum, packet) => sum + INTERLEAVED_BYTES + packet.length, 0));
  const packetsAt: number[] = [];
  let at = 0;
  for (const packet of packets) {
    writeInterleavedHeader(bytes, at, 0, packet.length);
    bytes.set(packet, at + INTERLEAVED_BYTES);
    packetsAt.push(at + INTERLEAVED_BYTES);
    at += INTERLEAVED_BYTES + packet.length;
  }
  return { bytes, packetsAt };
}

/** Plays to one client until it leaves. */
function play(socket: Socket): void {
  let frame = 0;
  let sequence = 0;
  let timer: NodeJS.Timeout | null = null;
  const startMs = performance.now() + Math.random() * (1000 / fps);
  const next = (): void => {
    const { bytes, packetsAt } = frames[frame % frames.length] ?? { bytes: Buffer.alloc(0), packetsAt: [] };
    const out = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(out);
    for (const at of packetsAt) {
      out.writeUInt16BE(sequence & 0xffff, at + 2);
      out.writeUInt32BE(((frame * 90_000) / fps) >>> 0, at + RTP_HEADER_BYTES - 8);
      sequence += 1;
    }
    socket.write(out);
    frame += 1;
    timer = setTimeout(next, Math.max(0, startMs + (frame * 1000) / fps - performance.now()));
  };
  timer = setTimeout(next, startMs - performance.now());
  socket.on('close', () => timer !== null && clearTimeout(timer));
}

function answer(socket: Socket, request: RtspRequest): void {
  const reply = (headers: HeaderList, body = ''): void => {
    socket.write(buildResponse(200, [['CSeq', cseqOf(request) ?? 0], ['Session', '1;timeout=60'], ...headers], body));
  };
  const { method } = request;
  if (method === 'OPTIONS') reply([['Public', 'DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']]);
  else if (method === 'DESCRIBE')
    reply(
      [
        ['Content-Base', `${request.uri}/`],
        ['Content-Type', 'application/sdp'],
      ],
      sdp,
    );
  else if (method === 'SETUP') reply([['Transport', header(request, 'transport') ?? '']]);
  else reply([]);
  if (method === 'PLAY') play(socket);
}

const server = createServer((socket) => {
  const parser = new RtspParser({
    onInterleaved: () => undefined,
    onMessage: (message) => message.kind === 'request' && answer(socket, message),
  });
  socket.setNoDelay(true);
  socket.on('data', (chunk) => parser.push(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
