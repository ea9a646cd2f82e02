// A Node-RED without an editor, on loopback and a free port, that asks nobody for anything.
'use strict'

module.exports = {
  uiHost: '127.0.0.1',
  uiPort: 0,
  flowFile: 'flows.json',
  credentialSecret: false,
  disableEditor: true,
  lang: 'en-US',
  telemetry: { enabled: false, updateNotification: false },
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpload: false },
    modules: { allowInstall: false }
  },
  logging: { console: { level: 'info', metrics: false, audit: false } }
}
