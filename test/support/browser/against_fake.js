// The page before a fake program. Run by node --test; the environment names PAGE, the page's folder, and PICTURES,
// where pictures go.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, Visit } from './browser.js'
import { fake, trouble, well } from './fake.js'

const { PAGE, PICTURES } = process.env
let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const tests = []

/** What happens in it is seen on the page; then it has made no mistake. `program.answer` may be changed. */
function visiting (sentence, form, happens) {
  tests.push([sentence, async () => {
    const program = { answer: () => ({ body: well() }), asked: 0 }
    const server = await fake(PAGE, request => { ++program.asked; return program.answer(request) })
    const visit = await Visit.at(browser, server.url, form)
    try {
      await happens(visit, program)
      assert.deepEqual(visit.faults, [])
    } finally {
      await visit.end()
      server.end()
    }
  }])
}

/** An hour of samples, as the page keeps them. */
function anHour (of) {
  return [...Array(239).keys()].map(i => {
    const x = of(i)
    return {
      at: Math.floor(Date.now() / 15000) * 15000 - (239 - i) * 15000, received: x.rates.receivedTotal, published: x.rates.publishedTotal,
      waiting: x.backlog.events, latency: x.latency.ackSeconds.p50 && x.latency.ackSeconds.p50 * 1000, cpu: x.process.cpuSeconds
    }
  })
}

async function withHistory (visit, of) {
  await visit.says('#freshness', /live/)
  await visit.page.evaluate(x => sessionStorage.setItem('samples', x), JSON.stringify(anHour(of)))
  await visit.page.reload()
  await visit.says('#freshness', /live/)
}

visiting('the ten facts stand on one screen in words', {}, async visit => {
  await visit.says('#verdict', /^All is well\.$/)
  for (const [selector, pattern] of [
    ['#since', /^since .*, for 26 h 3 min$/],
    ['#broker', /is up[^]*broker\.example\.com:8883[^]*3 messages of 64 at most[^]*none since the start/],
    ['#servers', /sense1\s+online\s+112\s+4 s ago\s+38 ms/],
    ['#servers-count', /all 3 online/],
    ['#lost', /^Nothing$/],
    ['#backlog', /\d, the oldest for a moment/],
    ['#backlog', /0 bytes of 1.0 GiB/],
    ['#classes', /Log events\s+\d+\s+\d+\s+3\s+2,713,230/],
    ['#sources', /UDP 9997\s+user events\s+2 s ago\s+228,360[^]*SENSE1\s+log events\s+just now/],
    ['#components', /all 7[^]*none since the start[^]*encoding\/encoder, 3.1 %/],
    ['#configuration', /senseflow\.yaml[^]*applied, 71 min ago: servers: sense3 was added[^]*influxdbConfig/],
    ['#program', /49\.6 MiB[^]*every item is accounted for[^]*364 days left/],
    ['#version', /^0\.1\.0$/], ['#uptime', /^26 h 3 min$/]
  ]) await visit.says(selector, pattern)
  const bottom = await visit.page.evaluate(() => document.querySelector('main').getBoundingClientRect().bottom)
  assert.ok(bottom <= 900, `the page ends at ${bottom} of 900`)
  assert.ok(!await visit.overflows())
})

visiting('numbers move and the small charts with them', {}, async (visit, program) => {
  program.answer = () => ({ body: { ...well(), backlog: { ...well().backlog, events: program.asked } } })
  await visit.says('#waiting', /^2$/)
  await visit.says('#waiting', /^3$/)
  assert.match(await visit.page.locator('#waiting-spark').getAttribute('aria-label'), /^at most 3 in the last 60 s$/)
  await withHistory(visit, well)
  assert.match(await visit.page.locator('#received-spark').getAttribute('aria-label'), /^at most 5\d\/s in the last hour$/)
  assert.ok((await visit.page.locator('#received-spark .line').getAttribute('d')).length > 1500)
})

for (const [name, form] of Object.entries({ light: {}, dark: { dark: true }, phone: { width: 390, height: 844 }, small: { width: 320, height: 700, dark: true }, tablet: { width: 1024, height: 768 } }))
  visiting(`all is well, and trouble, look right: ${name}`, form, async (visit, program) => {
    await withHistory(visit, well)
    await visit.picture(`${PICTURES}/${name}.png`)
    assert.deepEqual(await visit.barriers(), [])
    assert.ok(!await visit.overflows(), 'it is wider than the window')
    program.answer = () => ({ body: trouble() })
    await visit.says('#verdict', /The broker is away, and 2 more/)
    await visit.says('#trouble-list', /No broker is connected for 12 min[^]*Check that the broker runs[^]*sense2 is offline[^]*230 items lost/)
    await visit.says('#lost', /^230$/)
    await visit.picture(`${PICTURES}/${name}_trouble.png`)
    assert.deepEqual(await visit.barriers(), [])
    assert.ok(!await visit.overflows(), 'it is wider than the window')
  })

visiting('names from outside stay text', {}, async (visit, program) => {
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"\'&lt;'
  const infect = x => typeof x === 'string' && !/^\d{4}-|^(ok|running|online|none|broker)$/.test(x) ? evil
    : Array.isArray(x) ? x.map(infect)
      : x && typeof x === 'object' ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, ['class', 'id', 'state', 'result', 'severity'].includes(k) ? v : infect(v)])) : x
  const body = infect(trouble())
  body.lost.lastHour.byReason = { [evil]: 3 }
  program.answer = () => ({ body })
  await visit.says('#servers', /<img src=x onerror=alert\(1\)><script>/)
  for (const selector of ['#sources', '#trouble-list', '#broker', '#components', '#configuration', '#lost-reasons', '#node'])
    await visit.says(selector, /<img src=x onerror=alert\(1\)>/)
  assert.equal(await visit.page.locator('main img, header img, main script').count(), 0)
  assert.ok(!await visit.overflows(), 'it is wider than the window')
  await visit.picture(`${PICTURES}/hostile.png`)
})

visiting('a program that does not answer is said within three seconds and asked less often', {}, async (visit, program) => {
  await visit.says('#freshness', /live/)
  program.answer = () => ({ status: 503, body: 'too many connections' })
  assert.ok(await visit.says('#verdict', /There is no news from senseflow/) < 3000)
  await visit.says('#trouble-list', /The program answers 503: too many connections[^]*systemctl status senseflow/)
  await visit.picture(`${PICTURES}/silent.png`)
  const asked = program.asked
  await visit.says('#freshness', /next in ([4-9]|1\d) s/)
  assert.ok(program.asked - asked <= 4, `it was asked ${program.asked - asked} times`)
  program.answer = () => ({ body: well() })
  await visit.says('#verdict', /All is well/)
})

visiting('a program that wants a token is given the one that is typed', {}, async (visit, program) => {
  program.answer = request => request.headers.authorization === 'Bearer right' ? { body: well() } : { status: 401, body: 'token' }
  await visit.says('#trouble-list', /The program wants a token/)
  await visit.page.locator('#token').focus()
  await visit.page.keyboard.type('wrong')
  await visit.page.keyboard.press('Enter')
  await visit.says('#trouble-list', /does not take this token/)
  await visit.page.locator('#token').fill('right')
  await visit.page.keyboard.press('Enter')
  await visit.says('#verdict', /All is well/)
  assert.ok(await visit.page.locator('#token-form').isHidden())
})

visiting('a hundred servers are folded, the bad ones first, and unfolded by keyboard', {}, async (visit, program) => {
  program.answer = () => {
    const x = trouble()
    x.servers = [...Array(100).keys()].map(i => ({ ...x.servers[i === 73 ? 1 : 0], server: `sense${i}` }))
    x.conditions = [...Array(40).keys()].map(i => ({ ...x.conditions[1], subject: `sense${i}` }))
    return { body: x }
  }
  await visit.says('#servers', /^sense73[^]*offline[^]*Show all 100$/)
  assert.equal(await visit.page.locator('#trouble-list li').count(), 6)
  await visit.page.locator('#servers button').focus()
  await visit.page.keyboard.press('Enter')
  await visit.says('#servers', /sense99[^]*Show fewer$/)
  await visit.page.locator('#more-troubles').focus()
  await visit.page.keyboard.press('Space')
  assert.equal(await visit.page.locator('#trouble-list li').count(), 40)
})

visiting('a start is no trouble and no certificate and no server no fault', {}, async (visit, program) => {
  program.answer = () => ({ body: {
    ...well(), state: 'starting', ready: false, readyReasons: ['delivery/outbox has not started'], servers: [], sources: [], ports: [],
    certificates: [], components: [], backlog: { ...well().backlog, disk: null },
    broker: { ...well().broker, connected: false, address: null, connections: [] },
    cluster: { name: 'senseflow', self: 'sf1', certain: true, nodes: [{ id: 'sf1' }, { id: 'sf2' }], servers: 12 }
  } })
  await visit.says('#verdict', /senseflow is starting/)
  await visit.says('#since', /delivery\/outbox has not started/)
  await visit.says('#program', /senseflow: 2 nodes, 12 servers/)
  assert.deepEqual(await visit.barriers(), [])
})

describe('the page', { concurrency: 4 }, () => { for (const one of tests) test(...one) })
