// With a file of user agents (a JSON array): what bowser says about each. Without: user agents that fit bowser's
// own expressions, whatever those are. Prints a JSON array.
'use strict'
const bowser = require('bowser')
const RandExp = require('randexp')

/** Name and major version of the browser, name and version of the system, as Butler SOS publishes them. */
function answer(agent) {
  if (agent === '') return ['', '', '', '']
  const parser = bowser.getParser(agent)
  const version = parser.getBrowserVersion()
  const major = typeof version === 'string' && /^\d+/.exec(version)
  const system = parser.getOS()
  return [parser.getBrowser().name, major && major[0], system.name, system.version].map(x => x || '')
}

/** The expressions that are tried while bowser looks at these. */
function expressionsTried(agents) {
  const tried = new Map()
  const { test } = RegExp.prototype
  const { match } = String.prototype
  RegExp.prototype.test = function (text) {
    tried.set(String(this), this)
    return test.call(this, text)
  }
  String.prototype.match = function (expression) {
    tried.set(String(expression), expression)
    return match.call(this, expression)
  }
  for (const agent of agents) bowser.getParser(agent)
  Object.assign(RegExp.prototype, { test })
  Object.assign(String.prototype, { match })
  return [...tried.values()]
}

// Always the same ones: a generator of pseudo-random numbers from a fixed seed.
let state = 14
function random(from, to) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return from + Math.floor((state / 2 ** 32) * (to - from + 1))
}

function fitting(expression) {
  const maker = new RandExp(expression)
  maker.max = 3
  maker.randInt = random
  return Array.from({ length: 8 }, () => maker.gen())
}

// An unknown agent is tested for everything; those that pass have their versions looked for.
const [file] = process.argv.slice(2)
const known = expressionsTried(['?']).flatMap(fitting).filter(agent => agent !== '')
const out = file
  ? JSON.parse(require('fs').readFileSync(file, 'utf8')).map(answer)
  : expressionsTried(known).flatMap(fitting)
console.log(JSON.stringify(out))
