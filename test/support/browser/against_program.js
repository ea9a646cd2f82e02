// The page of a running senseflow. Arguments: its URL, a file for a picture. Says what it sees, line by line, and
// ends when the page has seen: all well, the broker gone, the broker back, the program gone.
import { launch, Visit } from './browser.js'

const [url, picture, hostile] = process.argv.slice(2)
const browser = await launch()
const visit = await Visit.at(browser, url)
const { page } = visit
try {
  await visit.says('#verdict', /All is well/, 20000)
  await visit.says('#servers', /online/)
  await visit.says('#sources', /user events/)
  if (hostile) await page.waitForFunction(x => document.querySelector('main').innerText.includes(x), hostile)
  if (await page.locator('main img, main script').count()) throw new Error('a name has become markup')
  const barriers = await visit.barriers()
  if (barriers.length) throw new Error(barriers.join('\n'))
  await visit.picture(picture)
  console.log('the page says: all is well')
  await visit.says('#verdict', /The broker is away/, 30000)
  await visit.says('#broker', /is down/)
  console.log('the page says: the broker is away')
  await visit.says('#verdict', /^(?!The broker)/, 30000)
  await visit.says('#broker', /is up/)
  console.log('the page says: the broker is back')
  await visit.says('#verdict', /no news/, 30000)
  console.log('the page says: no news')
  if (visit.faults.length) throw new Error(visit.faults.join('\n'))
} catch (e) {
  console.log(`FAILED ${e.stack}`)
  process.exitCode = 1
} finally {
  await browser.close()
}
