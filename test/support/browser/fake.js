// A program that answers api/status as a test wants it to, and serves the page as senseflow does.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const types = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' }

const before = seconds => new Date(Date.now() - seconds * 1000).toISOString()
const line = (received, more = {}) => ({
  received, recovered: 0, published: received, acknowledged: received, filtered: 0, dropped: 0, repeated: 0,
  pending: { sources: 0, memory: 0, inFlight: 0, disk: 0 }, ...more
})
const component = (name, more = {}) => ({
  name, state: 'running', restarts: 0, hangs: 0, lastFailure: null, handled: 5021, busySeconds: 3.1, busyShare: 0.002,
  meanBatch: 1.4, waitedShare: 0, refusedShare: 0, ...more
})
const server = (name, more = {}) => ({
  server: name, host: `${name}.example.com`, state: 'online', since: before(93000), api: null, error: null, detail: null,
  lastGoodPoll: before(4), pollSeconds: 0.041, users: 112, sessions: 131, ...more
})

/** All is well; the numbers move with `n`. */
export function well (n = 0) {
  const chance = salt => { const x = Math.sin(n * 12.9898 + salt) * 43758.5453; return x - Math.floor(x) }
  const wave = 38 + 9 * Math.sin(n / 33) + 5 * Math.sin(n / 11 + 1) + 8 * chance(1) * chance(2), log = wave * 0.8, user = wave * 0.2
  return {
    timestamp: before(0), node: 'sense-gateway-1', version: '0.1.0', pid: 4711, mode: 'overflow', started: before(93784),
    uptimeSeconds: 93784, state: 'running', ready: true, readyReasons: [],
    verdict: { status: 'ok', since: before(93780), text: 'All is well.' },
    conditions: [],
    broker: {
      connected: true, address: 'broker.example.com:8883', since: before(93780), lastError: null, lastErrorAt: null,
      inFlight: 3, window: 64,
      connections: [{ publisher: 1, connected: true, address: 'broker.example.com:8883', since: before(93780), lastError: null, lastErrorAt: null, inFlight: 3, window: 64 }]
    },
    servers: ['sense1', 'sense2', 'sense3'].map((name, i) => server(name, { pollSeconds: 0.038 + i / 90, sessions: 131 - 40 * i, users: 112 - 35 * i })),
    sources: ['SENSE1', 'SENSE2', 'SENSE3'].flatMap((source, i) => [
      { class: 'logevent', source, received: 1204410 - 300000 * i, lastSeen: before(i + 1) },
      { class: 'userevent', source, received: 94120 - 20000 * i, lastSeen: before(5 * i + 2) }]).slice(0, 4),
    ports: [
      { class: 'userevent', name: 'user events', port: 9997, open: true, receiveBufferBytes: 8388608, kernelDrops: 0, received: 228360, lastSeen: before(2) },
      { class: 'logevent', name: 'log events', port: 9996, open: true, receiveBufferBytes: 8388608, kernelDrops: 0, received: 2713230, lastSeen: before(1) }],
    lost: { lastHour: { total: 0, kernelDrops: 0, byReason: {}, lostBefore: 0 }, sinceStart: { total: 0, kernelDrops: 0, byReason: {}, lostBefore: 0 } },
    backlog: {
      events: Math.round(2 + 2 * chance(4) ** 3), oldestSeconds: 0.02, memoryBytes: 4100, memoryLimitBytes: 67108864,
      disk: { events: 0, bytes: 0, limitBytes: 1073741824, freeBytes: 21474836480, fullInSeconds: null }
    },
    rates: {
      windowSeconds: 10,
      received: { health: 0.1, sessions: 0.3, userevent: user, logevent: log, availability: 0, serverevent: 0, node: 0 },
      published: { health: 0.1, sessions: 0.3, userevent: user, logevent: log * 0.99, availability: 0, serverevent: 0, node: 0 },
      receivedTotal: wave + 0.4, publishedTotal: wave * 0.99 + 0.4, lostTotal: 0
    },
    latency: {
      windowSeconds: 60, ackSeconds: { count: 420, p50: 0.0019 + 0.0002 * Math.sin(n / 20) + 0.0009 * chance(3) ** 6, p99: 0.0104 },
      pollSeconds: { count: 6, p50: 0.04, p99: 0.05 }, pollLatenessSeconds: { count: 6, p50: 0.001, p99: 0.004 }
    },
    ledger: {
      faults: 0, balanced: true,
      classes: {
        availability: line(3), health: line(9378), logevent: line(2713230, { pending: { sources: 0, memory: 0, inFlight: 3, disk: 0 } }),
        node: line(1), serverevent: line(0), insight: line(0), insightevent: line(0), sessions: line(28134), userevent: line(228360)
      }
    },
    components: ['delivery/outbox', 'delivery/publisher-1', 'delivery/spooler', 'encoding/encoder', 'ingest/user-events', 'ingest/log-events', 'polling'].map((name, i) => component(name, { busyShare: i === 3 ? 0.031 : 0.004 })),
    bottleneck: { stage: 'none', text: 'Nothing is held up.', setting: null },
    configuration: {
      file: '/etc/senseflow/senseflow.yaml', loadedAt: before(93785),
      lastReload: { at: before(4300), result: 'applied', text: 'servers: sense3 was added' }, warnings: [], notServed: ['Butler-SOS.influxdbConfig', 'Butler-SOS.newRelic']
    },
    process: { residentBytes: 52000000, cpuSeconds: 3.2 + n * 0.04, openFiles: 41, maxFiles: 1048576, threads: 14 },
    certificates: [{ file: '/etc/senseflow/client.pem', use: 'client certificate for Sense', expires: before(-364 * 86400), daysLeft: 364 }],
    cluster: null
  }
}

/** The broker is away, a server is offline, events were lost. */
export function trouble (n = 0) {
  const x = well(n), error = 'Connection refused by broker.example.com:8883.'
  const connection = { connected: false, address: 'broker.example.com:8883', since: before(754), lastError: error, lastErrorAt: before(9), inFlight: 0, window: 0 }
  x.verdict = { status: 'critical', since: before(694), text: '1 critical problem, 2 warnings.' }
  x.conditions = [
    { id: 'broker_away', subject: '', severity: 'critical', since: before(754), text: `No broker is connected for 12 min: ${error}`, next: 'Check that the broker runs and can be reached. Events wait meanwhile, and are published when it is back.' },
    { id: 'server_offline', subject: 'sense2', severity: 'warning', since: before(1320), text: 'sense2 is offline (health: timeout).', next: 'Check that the server and its engine service run, and that TCP port 4747 can be reached from here.' },
    { id: 'events_lost', subject: '', severity: 'warning', since: before(2400), text: '230 items lost in the last hour: unknown_source 15, receive buffer full 212, lost when the previous process was killed 3.', next: 'Enlarge receiveBuffer in logEvents.udpServerConfig; see the log for who sends from where it is not allowed.' }]
  x.broker = { ...connection, connections: [{ publisher: 1, ...connection }] }
  x.servers[1] = server('sense2', { state: 'offline', since: before(1320), api: 'health', error: 'timeout', detail: 'no answer within 5 s', lastGoodPoll: before(1350), pollSeconds: null, users: null, sessions: null })
  x.sources[2].lastSeen = before(1400)
  x.lost = { lastHour: { total: 230, kernelDrops: 212, byReason: { unknown_source: 15 }, lostBefore: 3 }, sinceStart: { total: 241, kernelDrops: 212, byReason: { unknown_source: 26 }, lostBefore: 3 } }
  x.backlog = { events: 28410 + 40 * n, oldestSeconds: 754, memoryBytes: 21400000, memoryLimitBytes: 67108864, disk: { events: 28000, bytes: 940000000, limitBytes: 1073741824, freeBytes: 21474836480, fullInSeconds: 9000 } }
  x.ledger.classes.logevent.pending.disk = 28000
  x.ledger.classes.userevent.pending.memory = 410
  x.rates.published = { ...x.rates.published, health: 0, sessions: 0, userevent: 0, logevent: 0 }
  x.rates.publishedTotal = 0
  x.latency.ackSeconds = { count: 0, p50: null, p99: null }
  x.bottleneck = { stage: 'broker', text: 'No broker is connected.', setting: null }
  x.components[5] = component('ingest/log-events', { state: 'restarting', restarts: 4, lastFailure: { cause: 'the port is in use', at: before(3) } })
  x.certificates[0].daysLeft = 12
  return x
}

/** Starts it on loopback; `answer(request)` gives {status, body} or null for none at all. */
export async function fake (directory, answer) {
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url.slice(1)
    response.setHeader('Content-Security-Policy', policy)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (name === 'api/status') {
      const made = answer(request)
      if (!made) return
      response.writeHead(made.status ?? 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
      return response.end(typeof made.body === 'string' ? made.body : JSON.stringify(made.body))
    }
    if (!/^(index\.html|page\.css|page\.js)$/.test(name)) return response.writeHead(404).end('no such page\n')
    response.writeHead(200, { 'Content-Type': types[name.split('.')[1]] })
    response.end(readFileSync(`${directory}/${name}`))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, end () { server.closeAllConnections(); server.close() } }
}
