// An aedes broker on 127.0.0.1. Arguments: the port, and optionally a user name and password that clients need.
// Says "running" when it can be used.
'use strict'
const aedes = require('aedes')()
const [port, user, password] = process.argv.slice(2)

if (user) {
  aedes.authenticate = (client, name, given, done) => {
    const ok = name === user && String(given) === password
    done(ok ? null : Object.assign(new Error('wrong name or password'), { returnCode: 4 }), ok)
  }
}
aedes.on('client', client => console.log(`${client.id} connected with protocol ${client.version}`))
require('net').createServer(aedes.handle).listen(Number(port), '127.0.0.1', () => console.log('running'))
