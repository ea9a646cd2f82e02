// What the function nodes of a flow do, with the messages and the clock of a test. Argument: the flow's file.
// Node.js alone; says "all right" at the end.
'use strict'
const assert = require('node:assert')
const flow = JSON.parse(require('node:fs').readFileSync(process.argv[2]))

let now = Date.UTC(2026, 10, 26)

/** A function node, with a context of its own. */
function node (name) {
  const { func, z } = flow.find(x => x.type === 'function' && x.name === name)
  const settings = new Map(flow.find(x => x.id === z).env.map(x => [x.name, x.value]))
  const kept = new Map()
  const status = {}
  const run = new Function('msg', 'context', 'env', 'node', 'Date', func)
  return {
    status,
    takes: msg => run(msg, { get: x => kept.get(x), set: (x, value) => kept.set(x, value) },
      { get: x => settings.get(x) }, { status: x => Object.assign(status, x) }, { now: () => now })
  }
}

const empty = { error: { message: 'no JSON' }, payload: Buffer.alloc(0) } // what a catch node hands on

function changesOnly () {
  const changes = node('changes only')
  const server = (state, more) => changes.takes({
    topic: 'butler-sos/health/sense1/status', payload: { server: 'sense1', host: 'h', since: 's', state, ...more }
  })
  assert.equal(server('online'), null)
  const first = server('offline', { api: 'health', error: 'http_status', httpStatus: 503 })
  assert.equal(first.topic, 'node-red/senseflow/alarm/server/sense1')
  assert.deepEqual(first.payload, {
    what: 'server', name: 'sense1', state: 'offline', was: 'online', severity: 'critical', since: 's', host: 'h',
    text: 'server sense1 is offline: health, 503'
  })
  assert.deepEqual(changes.status, { fill: 'red', shape: 'dot', text: 'server/sense1' })
  assert.equal(server('offline', { api: 'health', error: 'refused' }), null)
  assert.equal(server('degraded', { api: 'sessions/hdr', error: 'timeout' }).payload.text,
    'server sense1 is degraded: sessions/hdr, timeout')
  assert.equal(server('online').payload.severity, 'ok')
  assert.equal(changes.status.text, 'all is well')

  const own = payload => changes.takes({ topic: 'a/b/senseflow/node1/status', payload })
  assert.equal(own('offline').payload.text, 'senseflow node1 is offline')
  assert.equal(own('online').payload.was, 'offline')
  assert.equal(changes.takes({ topic: 'a/b/senseflow/cluster/status', payload: '{"nodes": []}' }), null)
  assert.equal(own('offline').payload.state, 'offline')
  assert.equal(own(''), null) // forgotten
  assert.equal(changes.status.text, 'all is well')
  assert.equal(own('online'), null)

  server('offline')
  assert.equal(changes.takes({ topic: 'butler-sos/health/sense1/status', ...empty }), null)
  assert.equal(changes.status.text, 'all is well')
  assert.equal(server('online'), null)
  for (const payload of [null, 7, [], {}, { state: 'toString' }, Buffer.from('{')]) {
    assert.equal(changes.takes({ topic: 'butler-sos/health/__proto__/status', payload }), null)
  }
}

function sessionsOfEachUser () {
  const users = node('sessions of each user')
  const list = (server, ...names) => users.takes({
    topic: `butler-sos/sessions/${server}/default`,
    payload: { server, virtualProxy: '/', sessions: names.map(x => ({ UserDirectory: 'LAB', UserId: x })) }
  })
  assert.deepEqual(list('sense1', 'bert', 'anna').payload,
    { sessions: 2, users: [{ user: 'LAB\\anna', sessions: 1 }, { user: 'LAB\\bert', sessions: 1 }] })
  assert.equal(list('sense1', 'anna', 'bert'), null)
  assert.deepEqual(list('sense2', 'bert', '__proto__').payload.users, [
    { user: 'LAB\\bert', sessions: 2 }, { user: 'LAB\\__proto__', sessions: 1 }, { user: 'LAB\\anna', sessions: 1 }])
  assert.equal(users.status.text, '3 users, 4 sessions')
  assert.equal(users.takes({ topic: 'butler-sos/sessions/sense1/live', payload: { sessions: [{}] } }), null)
  assert.equal(users.takes({ topic: 'butler-sos/sessions/sense2/default', ...empty }).payload.sessions, 2)
  assert.equal(list('sense1').payload.sessions, 0)
}

function errorsPerMinute () {
  const errors = node('errors per minute')
  const event = (level, host) => assert.equal(errors.takes({
    topic: 'butler-sos/logevent', payload: { level, host, source: 'qseow-proxy', subsystem: 'S', message: 'text' }
  }), null)
  const tick = () => errors.takes({ topic: 'tick', payload: now })
  assert.deepEqual(tick(), [null, null])
  for (let i = 0; i < 10; ++i) event('ERROR', 'sense1')
  event('FATAL', 'constructor')
  event('WARN', 'sense1')
  for (const payload of [null, 7, 'text', {}]) assert.equal(errors.takes({ topic: 'butler-sos/logevent', payload }), null)
  const [numbers, none] = tick()
  assert.deepEqual(numbers.payload, {
    perMinute: 11,
    hosts: [{ host: 'sense1', errors: 10 }, { host: 'constructor', errors: 1 }],
    last: { host: 'constructor', source: 'qseow-proxy', subsystem: 'S', message: 'text' }
  })
  assert.equal(none, null)
  assert.deepEqual(tick(), [null, null])

  now += 30_000
  for (let i = 0; i < 10; ++i) event('ERROR', 'sense1')
  const [, alarm] = tick()
  assert.deepEqual([alarm.payload.state, alarm.payload.perMinute, alarm.payload.limit], ['too many', 21, 20])
  assert.equal(errors.status.fill, 'red')
  now += 31_000 // the first ones are over
  const [fewer, over] = tick()
  assert.deepEqual([fewer.payload.perMinute, over.payload.state, over.payload.was], [10, 'normal', 'too many'])
  now += 60_000
  assert.equal(tick()[0].payload.perMinute, 0)
  for (let i = 0; i < 200; ++i) event('ERROR', 'host' + i)
  const many = tick()[0].payload
  assert.equal(many.perMinute, 200)
  assert.equal(many.hosts.length, 51)
  assert.deepEqual(many.hosts[0], { host: '(others)', errors: 150 })
}

changesOnly()
sessionsOfEachUser()
errorsPerMinute()
console.log('all right')
