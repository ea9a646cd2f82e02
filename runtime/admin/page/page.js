// The status page: asks api/status once a second and shows what it says, in words. What comes from outside
// becomes text, never markup. The only thing it keeps is an hour of samples, for the small charts.

const second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour
let now = Date.now() // of the program's clock

// --- words ---------------------------------------------------------------------------------------------------
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const known = x => x != null
const number = x => known(x) ? whole.format(x) : '–'
const short = x => !known(x) ? '–' : Number.isInteger(x) || x >= 9.95 ? whole.format(x) : x < 0.05 ? '< 0.1' : tenths.format(x)
const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`
const milliseconds = x => known(x) ? x * second : x

function bytes (x) {
  const i = x >= 1024 ? Math.min(Math.floor(Math.log2(x) / 10), 4) : 0, n = x / 1024 ** i
  return known(x) ? `${i === 0 || n >= 99.5 ? whole.format(n) : tenths.format(n)} ${['bytes', 'KiB', 'MiB', 'GiB', 'TiB'][i]}` : '–'
}

function duration (ms) {
  if (!known(ms)) return '–'
  if (ms < second) return `${whole.format(ms)} ms`
  if (ms < 9.95 * second) return `${tenths.format(ms / second)} s`
  if (ms < 2 * minute) return `${whole.format(ms / second)} s`
  if (ms < 2 * hour) return `${Math.floor(ms / minute)} min`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h ${Math.floor(ms % hour / minute)} min`
  return `${whole.format(Math.floor(ms / day))} d ${Math.floor(ms % day / hour)} h`
}

const age = at => Math.max(now - Date.parse(at), 0)
const seconds = ms => ms < second ? 'a moment' : ms < 2 * minute ? `${whole.format(ms / second)} s` : duration(ms)
const ago = (at, never = 'never') => !known(at) ? never : age(at) < 1.5 * second ? 'just now' : `${seconds(age(at))} ago`

/// The time of day, with the day unless it is today.
function moment (at) {
  const date = new Date(at), time = date.toLocaleTimeString('en-GB')
  if (date.toDateString() === new Date(now).toDateString()) return time
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time.slice(0, 5)}`
}
const since = at => known(at) ? `since ${moment(at)}, for ${seconds(age(at))}` : ''

const kinds = {
  health: 'Health', sessions: 'Sessions', userevent: 'User events', logevent: 'Log events',
  availability: 'Server states', serverevent: 'Server events',
  insight: 'Insights', insightevent: 'Insight events'
}
const titles = {
  broker_away: () => 'The broker is away', events_lost: () => 'Events were lost', backlog: () => 'Old events are waiting',
  spool_failing: () => 'Events can\'t be stored on disk',
  spool_almost_full: () => 'The disk space for events is almost used up', server_offline: x => `${x} is offline`,
  polls_late: () => 'Polls are late', component_restarting: x => `${x} keeps failing`,
  reload_failed: () => 'The last reload was refused', certificate_expires: () => 'A certificate expires',
  events_silent: x => `No ${x} arrive`, name_shared: () => 'Another program has the same name',
  service_silent: x => `${x} has fallen silent`, datagrams_missing: x => `Datagrams of ${x} get lost`,
  clock_skewed: x => `The clock of ${x} is wrong`, accounting_fault: () => 'The accounts do not add up',
  memory_runaway: x => `${x} runs out of memory`, log_storm: x => `${x} sends a storm of log events`,
  device_disputed: () => 'Another program publishes the same devices',
  listener_deaf: () => 'Requests or Home Assistant are not heard'
}
const levels = { ok: 'good', info: 'info', warning: 'warning', critical: 'critical' }
const shapes = {
  good: 'M24 4a20 20 0 1 0 0 40a20 20 0 1 0 0-40zM13 25.5l3-3 6 6 12-12 3 3-15 15z',
  info: 'M24 4a20 20 0 1 0 0 40a20 20 0 1 0 0-40zM22 14h4v4.5h-4zM22 21.5h4v13h-4z',
  warning: 'M24 4.5L46 43H2zM22 18h4v12h-4zM22 33.5h4v4.5h-4z',
  critical: 'M15.5 4h17L44 15.5v17L32.5 44h-17L4 32.5v-17zM22 13h4v14h-4zM22 30.5h4v4.5h-4z',
  unknown: 'M24 4a20 20 0 1 0 0 40a20 20 0 1 0 0-40zM24 9a15 15 0 1 1 0 30a15 15 0 1 1 0-30z'
}

// --- the document --------------------------------------------------------------------------------------------
const $ = id => document.getElementById(id)
const element = (name, className = '') => Object.assign(document.createElement(name), { className })

function put (node, text, level = '') {
  if (node.textContent !== String(text)) node.textContent = text
  if ((node.dataset.level ?? '') !== level) node.dataset.level = level
}

/// Makes the children of `parent` those of `items`, which have a `key`. What `make` gives has a `show`.
function list (parent, items, make) {
  const old = new Map([...parent.children].map(x => [x.key, x]))
  let at = parent.firstElementChild
  for (const item of items) {
    const node = old.get(item.key) ?? Object.assign(make(item), { key: item.key })
    old.delete(item.key)
    if (node === at) at = at.nextElementSibling
    else parent.insertBefore(node, at)
    node.show(item)
  }
  for (const node of old.values()) node.remove()
}

/// Terms and what is to be said about them: [term, text, level, meter]; entries that are null are left out.
function facts (id, entries) {
  const items = entries.filter(Boolean).flatMap(([term, text, level, meter]) => [
    { key: `dt ${term}`, text: term }, { key: `dd ${term} ${!!meter}`, text, level, meter }])
  list($(id), items, item => {
    const node = element(item.key.slice(0, 2)), words = node.appendChild(element('span'))
    const bar = item.meter && node.appendChild(element('meter'))
    node.show = x => {
      put(words, x.text, x.level)
      words.title = words.scrollHeight > words.clientHeight ? x.text : '' // CSS cuts what is long
      if (bar) Object.assign(bar, { high: 0.8, low: 0.8, optimum: 0, value: x.meter.share, ariaLabel: x.meter.label })
    }
    return node
  })
}

const unfolded = new Set()
function fold (id) {
  if (!unfolded.delete(id)) unfolded.add(id)
  if (last) show(last)
}

/// A table's rows: {key, cells: [{text, level, more}]}. Of long tables the first few, and a button for the others.
function rows (id, items, most, columns, numbers) {
  const all = unfolded.has(id) || items.length <= most + 1
  const shown = all ? items : items.slice(0, most)
  if (items.length > most + 1) shown.push({ key: '(button)', text: all ? 'Show fewer' : `Show all ${number(items.length)}` })
  list($(id), shown, item => {
    if (item.text) {
      const row = element('tr'), cell = row.appendChild(element('td')), button = cell.appendChild(element('button'))
      cell.colSpan = columns
      button.addEventListener('click', () => fold(id))
      row.show = x => put(button, x.text)
      return row
    }
    const row = element('tr')
    const cells = item.cells.map((_, i) => {
      const cell = row.appendChild(element('td', i >= columns - numbers ? 'number' : ''))
      return [cell.appendChild(element('span')), cell.appendChild(element('span', 'more'))]
    })
    row.show = x => x.cells.forEach(({ text, level, more = '' }, i) => {
      put(cells[i][0], text, level)
      put(cells[i][1], more)
      cells[i][1].hidden = !more
    })
    return row
  })
}

// --- the last hour -------------------------------------------------------------------------------------------
const step = 15 * second
let samples = JSON.parse(sessionStorage.getItem('samples')) ?? [] // {at, received, published, waiting, latency, cpu}: the most in a step

function remember (values) {
  const at = Math.floor(now / step) * step, fresh = samples.at(-1)?.at !== at
  if (fresh) samples.push({ at })
  const sample = samples.at(-1)
  for (const [name, x] of Object.entries(values)) if (known(x)) sample[name] = Math.max(sample[name] ?? x, x)
  samples = samples.filter(x => x.at > at - hour && x.at <= at)
  if (fresh) sessionStorage.setItem('samples', JSON.stringify(samples))
}

/// Draws it, and says in words what the highest was.
function spark (id, unit, note = (most, span) => `${most} in the last ${span}`) {
  const node = $(`${id}-spark`), [, fill, stroke, tip] = node.children, { width, height } = node.viewBox.baseVal
  const points = samples.filter(p => known(p[id])), begin = points[0]?.at ?? now
  const from = Math.min(begin, now - 5 * minute), highest = Math.max(0, ...points.map(p => p[id]))
  const x = p => (width * (Math.min(p.at, now) - from) / (now - from)).toFixed(1)
  const y = p => (height - 1 - (height - 4) * p[id] / (highest || 1)).toFixed(1)
  let line = '', area = '', before = null
  for (const p of points) {
    const gap = !before || p.at - before.at > 3 * step // the page did not ask meanwhile
    if (gap) area += `${before ? `H${x(before)}V${height}Z` : ''}M${x(p)} ${height}`
    line += `${gap ? 'M' : 'L'}${x(p)} ${y(p)}`
    area += `L${x(p)} ${y(p)}`
    before = p
  }
  fill.setAttribute('d', area && `${area}V${height}Z`)
  stroke.setAttribute('d', line)
  tip.setAttribute('d', before ? `M${x(before)} ${y(before)}h0` : '')
  const span = now - begin > 59 * minute ? 'hour' : duration(Math.max(now - begin, minute))
  node.setAttribute('aria-label', before ? `at most ${short(highest)}${unit} in the last ${span}` : 'nothing to show yet')
  put($(`${id}-note`), note(`at most ${short(highest)}${unit}`, span))
}

// --- the facts -----------------------------------------------------------------------------------------------
const text = x => typeof x === 'string' ? x : x?.text ?? JSON.stringify(x)
const sum = o => Object.values(o).reduce((a, b) => a + b, 0)
const few = xs => xs.length > 4 ? `${xs.slice(0, 3).map(text).join('; ')}; and ${xs.length - 3} more` : xs.map(text).join('; ')

/// What is wrong, above all else: a level and a headline.
function showVerdict (level, headline, subline, troubles) {
  document.body.dataset.level = level
  put($('verdict'), headline)
  put($('since'), subline)
  document.title = `${level === 'good' ? '' : '● '}${headline} – senseflow`
  if ($('mark').getAttribute('d') !== shapes[level]) {
    $('mark').setAttribute('d', shapes[level])
    const icon = `<path fill="${getComputedStyle($('mark')).fill}" fill-rule="evenodd" d="${shapes[level]}"/>`
    $('icon').href = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">${icon}</svg>`)}`
  }
  const most = unfolded.has('troubles') ? troubles.length : 6
  $('troubles').hidden = !troubles.length
  $('more-troubles').hidden = troubles.length <= 6
  put($('more-troubles'), most > 6 ? 'Show fewer' : `Show all ${troubles.length}`)
  list($('trouble-list'), troubles.slice(0, most).map(x => ({ ...x, key: `${x.id} ${x.subject}` })), () => {
    const node = $('trouble').content.querySelector('li').cloneNode(true), [mark, ...lines] = node.querySelectorAll('svg, p')
    node.show = x => {
      node.dataset.level = levels[x.severity] ?? 'unknown'
      mark.firstElementChild.setAttribute('d', shapes[node.dataset.level])
      mark.setAttribute('aria-label', x.severity)
      lines.forEach((line, i) => put(line, [x.text, since(x.since), x.next][i]))
    }
    return node
  })
}

function showState (x) {
  const [first, ...others] = x.conditions.filter(c => c.severity !== 'info')
  const headline = (titles[first?.id]?.(first.subject) ?? x.verdict.text) + (others.length ? `, and ${number(others.length)} more` : '')
  if (x.state === 'running') showVerdict(levels[x.verdict.status] ?? 'unknown', headline, since(x.verdict.since), x.conditions)
  else showVerdict('unknown', `senseflow is ${x.state}.`, few(x.readyReasons), x.conditions)
  const words = { node: x.node, version: x.version, uptime: seconds(x.uptimeSeconds * second), freshness: 'live' }
  for (const [id, text] of Object.entries(words)) put($(id), text)
  $('node').title = x.node
}

function showFlow (x) {
  const { rates, backlog } = x, { ackSeconds: ack } = x.latency
  const values = { received: rates.receivedTotal, published: rates.publishedTotal, waiting: backlog.events, latency: milliseconds(ack.p50) }
  remember({ ...values, cpu: x.process.cpuSeconds })
  for (const [id, value] of Object.entries(values)) put($(id), short(value))
  spark('received', '/s')
  spark('published', '/s')
  const oldest = backlog.oldestSeconds * second
  spark('waiting', '', (most, span) => oldest < second ? `${most} in the last ${span}` : `the oldest for ${seconds(oldest)}; ${most}`)
  spark('latency', ' ms', () => ack.count ? `median; 99 % within ${short(milliseconds(ack.p99))} ms` : 'none in the last minute')
  const used = Object.entries(kinds).map(([key, text]) => ({ key, text, c: x.ledger.classes[key] }))
    .filter(({ key, c }) => c.received || !/^server|avail/.test(key))
  rows('classes', used.map(({ key, text, c }) => ({ key,
    cells: [{ text }, { text: short(rates.received[key]) }, { text: short(rates.published[key]) },
      { text: number(sum(c.pending)) }, { text: number(c.published) }]
  })), 9, 5, 4)
}

function showBroker ({ broker: b }) {
  const up = b.connections.filter(c => c.connected).length, all = b.connections.length
  facts('broker', [
    ['Connection', b.connected ? 'is up' : known(b.address) ? 'is down' : 'there was none yet', b.connected ? 'good' : 'critical'],
    ['Broker', b.address ?? '–'],
    [b.connected ? 'Up' : 'Down', since(b.since)],
    all > 1 && ['Connections', `${up} of ${all} are up`, up < all ? 'warning' : ''],
    ['On their way', b.connected ? `${plural(b.inFlight, 'message')} of ${number(b.window)} at most` : '–'],
    ['Last error', known(b.lastError) ? `${b.lastError} (${ago(b.lastErrorAt)})` : 'none since the start', b.connected ? 'soft' : 'critical']
  ])
}

function showLost ({ lost: { lastHour, sinceStart } }) {
  const { byReason: dropped, kernelDrops: kernel, lostBefore: before, total } = lastHour
  put($('lost'), total ? number(total) : 'Nothing', total ? 'warning' : 'good')
  put($('lost-unit'), total ? (total === 1 ? 'item' : 'items') : '')
  facts('lost-reasons', [
    kernel && ['Receive buffer full', number(kernel), 'warning'],
    ...Object.entries(dropped).sort((a, b) => b[1] - a[1]).map(([name, n]) => [name[0].toUpperCase() + name.slice(1).replaceAll('_', ' '), number(n), 'warning']),
    before && ['By a former run', number(before), 'warning'],
    ['Since the start', number(sinceStart.total)]
  ])
}

function showServers ({ servers }) {
  const order = ['offline', 'degraded', 'unknown', 'online'], level = { offline: 'critical', degraded: 'warning', online: 'good' }
  const sorted = [...servers].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.server.localeCompare(b.server))
  const online = servers.filter(s => s.state === 'online').length
  put($('servers-count'), online === servers.length ? `– all ${number(online)} online` : `– ${number(online)} of ${number(servers.length)} online`)
  rows('servers', sorted.map(s => ({ key: `server ${s.server}`,
    cells: [{ text: s.server },
      { text: s.state, level: level[s.state], more: s.state === 'online' ? '' : [s.api, s.detail ?? s.error].filter(known).join(': ') },
      { text: number(s.users) }, { text: ago(s.lastGoodPoll, 'none') }, { text: duration(milliseconds(s.pollSeconds)) }]
  })), 6, 5, 3)
}

function showSources ({ sources, ports }) {
  const silent = at => !known(at) || age(at) > 15 * minute
  const row = (key, name, x, more) => ({ key,
    cells: [{ text: name, more }, { text: (kinds[x.class] ?? x.class).toLowerCase() },
      { text: ago(x.lastSeen, 'none'), level: silent(x.lastSeen) ? 'warning' : '' }, { text: number(x.received) }]
  })
  put($('sources-count'), ports.length ? '' : '– no port is on')
  const hosts = [...sources].sort((a, b) => silent(b.lastSeen) - silent(a.lastSeen) || a.source.localeCompare(b.source))
  rows('sources', [
    ...ports.map(p => row(`port ${p.class}`, `UDP ${p.port}`, p, p.open ? '' : 'the port is not open')),
    ...hosts.map(s => row(`host ${s.class} ${s.source}`, s.source || '(names no host)', s))
  ], 7, 4, 2)
}

function showBacklog ({ backlog: b, mode }) {
  const room = (name, used, limit) => {
    const share = limit > 0 ? Math.min(used / limit, 1) : 0
    return [name, `${bytes(used)} of ${bytes(limit)}`, share > 0.8 ? 'warning' : '', { share, label: `${name} used` }]
  }
  const full = milliseconds(b.disk?.fullInSeconds)
  facts('backlog', [
    ['Events', b.events ? `${number(b.events)}, the oldest for ${seconds(b.oldestSeconds * second)}` : 'none are waiting'],
    room('Memory', b.memoryBytes, b.memoryLimitBytes),
    b.disk ? room('Disk', b.disk.bytes, b.disk.limitBytes) : ['Disk', 'none is used'],
    b.disk && ['Full', known(full) ? `in ${seconds(full)} at this rate` : 'it is not filling', full && full < 4 * hour ? 'warning' : ''],
    b.disk && ['Disk free', bytes(b.disk.freeBytes)],
    ['Delivery', `mode ${mode}`]
  ])
}

function showComponents ({ components: all, bottleneck }) {
  const down = all.filter(c => c.state !== 'running'), restarts = all.reduce((n, c) => n + c.restarts, 0)
  const failed = all.filter(c => c.lastFailure).sort((a, b) => Date.parse(b.lastFailure.at) - Date.parse(a.lastFailure.at))[0]
  const busiest = all.reduce((a, b) => (b.busyShare ?? 0) > (a?.busyShare ?? 0) ? b : a, null)
  facts('components', [
    ['Running', down.length ? `${all.length - down.length} of ${all.length}` : `all ${all.length}`, down.length ? 'warning' : 'good'],
    ...down.slice(0, 4).map(c => [c.name, c.state, 'warning']),
    ['Restarts', restarts ? number(restarts) : 'none since the start'],
    failed && ['Last failure', `${failed.name}, ${ago(failed.lastFailure.at)}: ${failed.lastFailure.cause}`],
    ['Busiest', busiest ? `${busiest.name}, ${short(100 * busiest.busyShare)} % of its time` : '–'],
    ['Held up by', bottleneck.stage === 'none' ? 'nothing' : bottleneck.text, bottleneck.stage === 'none' ? '' : 'warning'],
    known(bottleneck.setting) && ['Setting', bottleneck.setting]
  ])
}

function showConfiguration ({ configuration: c }) {
  const r = c.lastReload
  facts('configuration', [
    ['File', c.file],
    ['Loaded', moment(c.loadedAt)],
    ['Reload', r ? `${r.result}, ${ago(r.at)}${r.text ? `: ${r.text}` : ''}` : 'none since the start', r?.result === 'faulty' ? 'warning' : ''],
    ['Warnings', few(c.warnings.map(x => text(x).replace(`${c.file}:`, 'line '))) || 'none', c.warnings.length ? 'warning' : ''],
    ['Ignored', c.notServed.length ? few(c.notServed) : 'nothing is ignored']
  ])
}

function showProgram ({ process: p, certificates, ledger, cluster, ready, readyReasons }) {
  const [from, to] = [samples.at(-6) ?? samples[0], samples.at(-2)] // about a minute
  const load = to?.at > from.at && to.cpu >= from.cpu ? 100 * (to.cpu - from.cpu) * second / (to.at - from.at) : null
  const next = [...certificates].sort((a, b) => a.daysLeft - b.daysLeft)[0], sound = ledger.balanced && !ledger.faults
  facts('program', [
    ['Ready', ready ? 'yes' : few(readyReasons) || 'no', ready ? 'good' : 'warning'],
    ['Memory', bytes(p.residentBytes)],
    ['Processor', known(load) ? `${short(load)} % of a core` : '–'],
    ['Open files', `${number(p.openFiles)} of ${number(p.maxFiles)}`],
    ['Accounts', sound ? 'every item is accounted for' : 'do not add up', sound ? '' : 'warning'],
    next ? ['Certificates', `${plural(next.daysLeft, 'day')} left: ${next.use}`, next.daysLeft < 3 ? 'critical' : next.daysLeft < 21 ? 'warning' : '']
      : ['Certificates', 'none'],
    cluster && ['Cluster', `${cluster.name}: ${plural(cluster.nodes.length, 'node')}, ${plural(cluster.servers, 'server')} polled here`,
      cluster.certain ? '' : 'warning']
  ])
}

// --- asking --------------------------------------------------------------------------------------------------
let last = null, answered = null, failures = 0, timer = 0, asking = false

const parts = [showState, showFlow, showBroker, showLost, showServers, showSources, showBacklog, showComponents, showConfiguration, showProgram]
function show (x) {
  now = Date.parse(x.timestamp)
  for (const part of parts) part(x)
  document.body.classList.remove('stale')
}

function showSilence (why, wait) {
  document.body.classList.add('stale')
  put($('freshness'), `none; next in ${seconds(wait)}`)
  now = Date.now()
  const from = answered ? `What stands below is from ${moment(answered)}, ${ago(new Date(answered).toISOString())}.` : ''
  showVerdict('unknown', 'There is no news from senseflow', from, [{
    id: 'silence', subject: '', severity: 'critical', since: null, text: why,
    next: 'See whether it runs (systemctl status senseflow) and what its log says. This page goes on asking.'
  }])
}

async function status () {
  const token = sessionStorage.getItem('token'), headers = token ? { Authorization: `Bearer ${token}` } : {}
  const answer = await fetch('api/status', { cache: 'no-store', headers, signal: AbortSignal.timeout(4 * second) })
    .catch(() => { throw new Error('The program does not answer.') })
  $('token-form').hidden = answer.status !== 401
  if (answer.status === 401) throw new Error(token ? 'The program does not take this token.' : 'The program wants a token.')
  if (!answer.ok) throw new Error(`The program answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`)
  return answer.json()
}

async function ask () {
  if (asking) return
  asking = true
  clearTimeout(timer)
  let wait = second
  try {
    const x = await status()
    if (last && last.version !== x.version) location.reload() // its page may be another one, too
    answered = Date.now()
    show(last = x)
    failures = 0
  } catch (e) {
    wait = Math.min(2 ** failures++, 15) * second * (0.9 + 0.2 * Math.random())
    showSilence(e.message, wait)
  }
  timer = setTimeout(ask, wait)
  asking = false
}

$('more-troubles').addEventListener('click', () => fold('troubles'))
$('token-form').addEventListener('submit', event => {
  event.preventDefault()
  sessionStorage.setItem('token', $('token').value.trim())
  ask()
})
document.addEventListener('visibilitychange', () => { if (!document.hidden) ask() })
ask()
