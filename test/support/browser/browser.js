// Chromium at a page. What the page does wrong is kept: errors, breaches of its content security policy, requests
// to anybody but its own server.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const launch = () => chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking']
})

export class Visit {
  faults = []

  /** `form`: width, height, dark. */
  static async at (browser, url, form = {}) {
    const visit = new Visit()
    visit.context = await browser.newContext({
      viewport: { width: form.width ?? 1440, height: form.height ?? 900 },
      colorScheme: form.dark ? 'dark' : 'light',
      reducedMotion: 'reduce'
    })
    visit.page = await visit.context.newPage()
    const { page, faults } = visit
    page.setDefaultTimeout(10000)
    page.on('console', line => {
      // A server that does not answer is no mistake of the page.
      if (['error', 'warning'].includes(line.type()) && !/Failed to load resource/.test(line.text())) faults.push(line.text())
    })
    page.on('pageerror', error => faults.push(`thrown: ${error.stack}`))
    page.on('dialog', dialog => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
    page.on('request', request => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`asks ${request.url()}`)
    })
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', e =>
      console.error(`content security policy: ${e.violatedDirective} ${e.blockedURI}`)))
    await page.goto(url)
    return visit
  }

  text (selector) { return this.page.locator(selector).innerText() }

  /** Resolves, with how long it took, when the element says so. */
  async says (selector, pattern, within = 10000) {
    const begin = performance.now()
    for (;;) {
      const text = await this.text(selector)
      const took = performance.now() - begin
      if (pattern.test(text)) return took
      if (took > within) throw new Error(`${selector} does not say ${pattern}, but: ${text}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  /** What axe-core calls serious or critical. */
  async barriers () {
    // Not as a script element: the page's policy forbids that.
    await this.page.evaluate(axe)
    const { violations } = await this.page.evaluate(() => globalThis.axe.run())
    return violations.filter(v => ['serious', 'critical'].includes(v.impact))
      .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => `${n.target} (${n.failureSummary})`).join('; ')}`)
  }

  /** Is anything wider than the window? */
  overflows () {
    return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
  }

  picture (file) { return this.page.screenshot({ path: file }) }
  end () { return this.context.close() }
}
