import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { isVcl, NAL, nalType, splitAnnexB } from '../../protocols/h264/nal.ts';
import { H264Packetizer } from '../../protocols/h264/packetizer.ts';
import { buildResponse, type HeaderList, writeInterleavedHeader } from '../../protocols/rtsp/build.ts';
import { cseqOf, header, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import { buildSdp, h264Fmtp } from '../../protocols/sdp/build.ts';
import { STAMP_DIGITS, stampAt, stampNal, stampText } from './stamp.ts';

const INTERLEAVED_BYTES = 4;
const MTU = 1440;
const SEQUENCE_AT = 2;
const TIMESTAMP_AT = 4;
/** Moments within one frame period at which clients are served. */
const SLOTS = 40;
/** A client that reads so little loses whole frames, as a camera would drop them. */
const CLIENT_BACKLOG_BYTES = 4 * 1024 * 1024;
const FRAMES_KEPT = 8;

/** How a {@link CameraSource} plays. */
export interface CameraSourceOptions {
  /** Annex B file. */
  file: string;
  fps: number;
  /** Each camera with a port of its own; 1 where nothing is said. */
  ports?: number;
  /** Writes the number of the frame into each, see `stamp.ts`. */
  stamped?: boolean;
  /** Serves every client at the beginning of the frame period instead of each at its own moment. */
  together?: boolean;
  /** Told right after the frame went to the client's socket. */
  onSent?(client: number, frame: number, atMs: number): void;
}

/** A frame as it goes out, with packet positions, so that numbers and times can be written into it. */
interface ReadyFrame {
  bytes: Buffer;
  packetsAt: readonly number[];
  /** Packets of the clip before this frame. */
  packetsBefore: number;
  stampAt: number;
}

/**
 * Many cameras as one cheap RTSP server: all clients see the same endless film (a frame has the same RTP numbers for
 * everybody), each at its own moment within the frame period, so that a frame is prepared once and written to all.
 */
export class CameraSource {
  readonly #options: CameraSourceOptions;
  readonly #frames: readonly ReadyFrame[];
  readonly #packetsPerLoop: number;
  readonly #sdp: string;
  readonly #slots: { socket: Socket; client: number }[][] = Array.from({ length: SLOTS }, () => []);
  readonly #prepared = new Map<number, Buffer>();
  readonly #sockets = new Set<Socket>();
  readonly #dialling = new Set<Socket>();
  #servers: Server[] = [];
  #ports: number[] = [];
  #clients = 0;
  #tick = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Moment of frame 0, by `performance.now()`. */
  #startMs = 0;
  #counters = { frames: 0, dropped: 0, plays: 0, dialPeak: 0, lateMs: 0 };

  constructor(options: CameraSourceOptions) {
    this.#options = options;
    const { frames, packets, sps, pps } = prepare(readFileSync(options.file), options.stamped === true);
    this.#frames = frames;
    this.#packetsPerLoop = packets;
    const about = { kind: 'video', payloadType: 96, rtpmap: 'H264/90000', control: 'track1' } as const;
    this.#sdp = buildSdp({
      name: 'bench',
      sessionId: 1,
      address: '127.0.0.1',
      medias: [{ ...about, fmtp: h264Fmtp(sps, pps) }],
    });
  }

  /** Where clients connect; any path is a camera. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Moment of frame 0 in milliseconds since 1970; frame n leaves n frame periods later. */
  get startedAtMs(): number {
    return performance.timeOrigin + this.#startMs;
  }

  /** Frames sent and not sent, sessions begun, clients, most clients at once between connecting and playing, and the largest delay of a frame since the last look. */
  counters(): Record<string, number> {
    const clients = this.#slots.reduce((sum, { length }) => sum + length, 0);
    const counters = { ...this.#counters, clients };
    this.#counters.lateMs = 0;
    return counters;
  }

  async start(): Promise<void> {
    this.#startMs = performance.now();
    this.#turn();
    await this.switchOn();
  }

  /** The power is back: clients may connect. */
  async switchOn(): Promise<void> {
    const before = this.#ports.length > 0 ? this.#ports : Array.from({ length: this.#options.ports ?? 1 }, () => 0);
    this.#servers = await Promise.all(before.map((port) => this.#listen(port)));
    this.#ports = this.#servers.map((server) => (server.address() as AddressInfo).port);
  }

  /** The power is gone: nothing is said, the connections break. */
  switchOff(): void {
    for (const server of this.#servers.splice(0)) server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#counters.dialPeak = 0;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.switchOff();
  }

  #listen(port: number): Promise<Server> {
    const server = createServer((socket) => this.#accept(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', 512, () => resolve(server));
    });
  }

  #turn(): void {
    const slotMs = 1000 / this.#options.fps / SLOTS;
    const now = performance.now() - this.#startMs;
    while (this.#tick * slotMs <= now) {
      this.#counters.lateMs = Math.max(this.#counters.lateMs, now - this.#tick * slotMs);
      const slot = this.#slots[this.#tick % SLOTS] ?? [];
      if (slot.length > 0) this.#serve(slot, Math.floor(this.#tick / SLOTS));
      this.#tick += 1;
    }
    this.#timer = setTimeout(() => this.#turn(), this.#tick * slotMs - now);
  }

  #serve(slot: readonly { socket: Socket; client: number }[], frame: number): void {
    const bytes = this.#frame(frame);
    for (const { socket, client } of slot) {
      if (socket.writableLength > CLIENT_BACKLOG_BYTES) {
        this.#counters.dropped += 1;
        continue;
      }
      socket.write(bytes);
      this.#counters.frames += 1;
      this.#options.onSent?.(client, frame, performance.now());
    }
  }

  /** The frame's bytes, made once for all clients. They must not change: a socket may still hold them. */
  #frame(frame: number): Buffer {
    const known = this.#prepared.get(frame);
    if (known !== undefined) return known;
    const ready = this.#frames[frame % this.#frames.length];
    if (ready === undefined) return Buffer.alloc(0);
    const out = Buffer.allocUnsafeSlow(ready.bytes.length);
    ready.bytes.copy(out);
    const loops = Math.floor(frame / this.#frames.length);
    let sequence = loops * this.#packetsPerLoop + ready.packetsBefore;
    for (const at of ready.packetsAt) {
      out.writeUInt16BE(sequence & 0xffff, at + SEQUENCE_AT);
      out.writeUInt32BE(((frame * 90_000) / this.#options.fps) % 2 ** 32, at + TIMESTAMP_AT);
      sequence += 1;
    }
    if (ready.stampAt >= 0) out.write(stampText(frame), ready.stampAt, STAMP_DIGITS, 'latin1');
    this.#prepared.set(frame, out);
    this.#prepared.delete(frame - FRAMES_KEPT);
    return out;
  }

  #accept(socket: Socket): void {
    const parser = new RtspParser({
      onInterleaved: () => undefined,
      onMessage: (message) => message.kind === 'request' && this.#answer(socket, message),
    });
    this.#sockets.add(socket);
    this.#dialling.add(socket);
    this.#counters.dialPeak = Math.max(this.#counters.dialPeak, this.#dialling.size);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => parser.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#dialling.delete(socket);
    });
  }

  #answer(socket: Socket, request: RtspRequest): void {
    const reply = (headers: HeaderList, body = ''): void => {
      socket.write(buildResponse(200, [['CSeq', cseqOf(request) ?? 0], ['Session', '1;timeout=60'], ...headers], body));
    };
    const { method } = request;
    if (method === 'OPTIONS') reply([['Public', 'DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']]);
    else if (method === 'DESCRIBE') {
      const base = request.uri.endsWith('/') ? request.uri : `${request.uri}/`;
      reply(
        [
          ['Content-Base', base],
          ['Content-Type', 'application/sdp'],
        ],
        this.#sdp,
      );
    } else if (method === 'SETUP') {
      const transport = header(request, 'transport') ?? '';
      // Over TCP only: who asks for UDP first tries again.
      if (transport.includes('TCP')) reply([['Transport', transport]]);
      else socket.write(buildResponse(461, [['CSeq', cseqOf(request) ?? 0]]));
    } else reply([]);
    if (method === 'PLAY') this.#play(socket, Number(/^rtsp:\/\/[^/]+\/(\d+)/.exec(request.uri)?.[1] ?? 0));
  }

  #play(socket: Socket, client: number): void {
    const slot = this.#slots[this.#options.together === true ? 0 : (this.#clients * 7) % SLOTS] ?? [];
    const entry = { socket, client };
    slot.push(entry);
    this.#clients += 1;
    this.#dialling.delete(socket);
    this.#counters.plays += 1;
    socket.once('close', () => slot.splice(slot.indexOf(entry), 1));
  }
}

function prepare(
  stream: Uint8Array,
  stamped: boolean,
): { frames: ReadyFrame[]; packets: number; sps: Uint8Array; pps: Uint8Array } {
  const packetizer = new H264Packetizer({ payloadType: 96, ssrc: 1, mtu: MTU, firstSequence: 0 });
  const frames: ReadyFrame[] = [];
  const sets = new Map<number, Uint8Array>();
  const begin = (): Uint8Array[] => (stamped ? [stampNal(0)] : []);
  let packets = 0;
  let unit = begin();
  for (const nal of splitAnnexB(stream)) {
    const type = nalType(nal[0] ?? 0);
    if (type === NAL.sps || type === NAL.pps) sets.set(type, nal);
    unit.push(nal);
    if (!isVcl(type)) continue;
    const frame = interleave(packetizer.packetize(unit, 0));
    frames.push({ ...frame, packetsBefore: packets, stampAt: stamped ? stampAt(frame.bytes) : -1 });
    packets += frame.packetsAt.length;
    unit = begin();
  }
  return { frames, packets, sps: sets.get(NAL.sps) ?? Buffer.alloc(4), pps: sets.get(NAL.pps) ?? Buffer.alloc(4) };
}

function interleave(packets: readonly Uint8Array[]): { bytes: Buffer; packetsAt: number[] } {
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
