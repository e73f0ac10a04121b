/**
 * Sensors in a process of their own that report test events over MQTT, QoS 1, at a steady rate together.
 *
 * usage: event-senders.ts PORT EVENTS_PER_SECOND
 *
 * The first line on standard input is a list of `{ username, password, topic }` as JSON; `counts` prints how many
 * reports were handed over and how many the edge acknowledged.
 */
import { createInterface } from 'node:readline';
import { connect, type MqttClient } from 'mqtt';

const TICK_MS = 20;
/** Unacknowledged reports of one sensor beyond which it waits, as a device with little memory does. */
const IN_FLIGHT = 64;

interface Sensor {
  client: MqttClient;
  topic: string;
  inFlight: number;
}

const [port = '0', rate = '0'] = process.argv.slice(2);
let sensors: Sensor[] = [];
let sent = 0;
let acknowledged = 0;
let at = 0;

function report(sensor: Sensor): void {
  sensor.inFlight += 1;
  sent += 1;
  at += 1;
  const payload = JSON.stringify({ test: true, at: 1_700_000_000 + at });
  sensor.client.publish(sensor.topic, payload, { qos: 1 }, (error) => {
    sensor.inFlight -= 1;
    if (!error) acknowledged += 1;
  });
}

function begin(): void {
  const startedAt = performance.now();
  let next = 0;
  setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * Number(rate);
    for (let tried = 0; sent < due && tried < sensors.length; ) {
      const sensor = sensors[next % sensors.length];
      next += 1;
      if (sensor === undefined || sensor.inFlight >= IN_FLIGHT) tried += 1;
      else report(sensor);
    }
  }, TICK_MS);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'counts') {
    process.stdout.write(`${JSON.stringify({ sent, acknowledged })}\n`);
    return;
  }
  const logins = JSON.parse(line) as { username: string; password: string; topic: string }[];
  sensors = logins.map(({ username, password, topic }) => {
    const client = connect({ host: '127.0.0.1', port: Number(port), username, password, clientId: username });
    client.on('error', () => undefined);
    return { client, topic, inFlight: 0 };
  });
  begin();
});
