import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { u16 } from '../../protocols/big-endian.ts';
import { AduReader, buildAdu, type ModbusAdu } from '../../protocols/modbus/adu.ts';

const EXCEPTION = 0x80;
const NO_SUCH_FUNCTION = 1;
const NO_SUCH_ADDRESS = 2;

/** A Modbus TCP device with tables that can be set. What is not set does not exist, as in real meters. */
export class VirtualMeter {
  /** Input registers by address; functions 4 and, as many devices do, 3. */
  readonly registers = new Map<number, number>();
  /** Discrete inputs by address; functions 2 and 1. */
  readonly bits = new Map<number, boolean>();
  /** Requests since the start. */
  requests = 0;
  /** When set, it answers with this exception. */
  exception: number | null = null;
  /** It takes requests and says nothing. */
  silent = false;
  /** It ends the connection after each answer. */
  hangsUp = false;
  /** Functions that it does not know, as many gauges know no bits. */
  readonly unknownFunctions = new Set<number>();
  readonly #address: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(address: string) {
    this.#address = address;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** @param port 0 takes any free one */
  start(port = 0): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.#address, () => resolve());
    });
  }

  /** The power is gone. */
  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return new Promise((resolve) => {
      if (this.#server === null) return resolve();
      this.#server.close(() => resolve());
      this.#server = null;
    });
  }

  #serve(socket: Socket): void {
    const reader = new AduReader();
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const request of reader.push(chunk)) this.#take(socket, request);
      } catch {
        // What it was sent is no Modbus: a meter hangs up.
        socket.destroy();
      }
    });
  }

  #take(socket: Socket, request: ModbusAdu): void {
    this.requests += 1;
    if (this.silent) return;
    const answer = buildAdu({ ...request, pdu: this.#answer(request) });
    if (this.hangsUp) socket.end(answer);
    else socket.write(answer);
  }

  #answer({ pdu }: ModbusAdu): Uint8Array {
    const code = pdu[0] ?? 0;
    const refuse = (exception: number): Uint8Array => Uint8Array.of(code | EXCEPTION, exception);
    if (this.exception !== null) return refuse(this.exception);
    if (this.unknownFunctions.has(code)) return refuse(NO_SUCH_FUNCTION);
    const [address, count] = [u16(pdu, 1), u16(pdu, 3)];
    const wanted = Array.from({ length: count }, (_, index) => address + index);
    if (code === 1 || code === 2) {
      if (wanted.some((each) => !this.bits.has(each))) return refuse(NO_SUCH_ADDRESS);
      const bytes = new Uint8Array(Math.ceil(count / 8));
      for (const [index, each] of wanted.entries()) {
        if (this.bits.get(each) === true) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
      }
      return Uint8Array.of(code, bytes.length, ...bytes);
    }
    if (code !== 3 && code !== 4) return refuse(NO_SUCH_FUNCTION);
    if (wanted.some((each) => !this.registers.has(each))) return refuse(NO_SUCH_ADDRESS);
    const values = wanted.map((each) => this.registers.get(each) ?? 0);
    return Uint8Array.of(code, count * 2, ...values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]));
  }
}
