import { describe, expect, it } from 'vitest'
import { analyse } from '../../../shared/acl/analysis.ts'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import { compileAcl } from '../../../shared/acl/evaluate.ts'
import type { Action, Subject } from '../../../shared/acl/model.ts'
import { joinReplyTo } from '../../../shared/usp/oktopus.ts'
import { plainSubject } from './arbitrary.ts'

const device: Subject = { ...plainSubject, username: 'cpe', clientId: 'cpe-1', endpointId: 'os::0001-ABC' }
const compiled = compileAcl(OKTOPUS_DEFAULTS)
const may = (action: Action, topic: string, who: Subject = device): boolean =>
  compiled.session(who).decide(action, topic, 1, false).verdict === 'allow'

const own = 'oktopus/usp/v1/agent/os::0001-ABC'
const forged = 'oktopus/usp/v1/controller/os::0002-XYZ'

describe('the default list', () => {
  it.each<[Action, string]>([
    ['subscribe', own],
    ['subscribe', `${own}/#`],
    ['subscribe', `${own}/+`],
    ['subscribe', `$share/g/${own}`],
    ['publish', 'oktopus/usp/v1/controller'],
    ['publish', 'oktopus/usp/v1/controller/os::0001-ABC'],
    ['publish', 'oktopus/usp/v1/api/os::0001-ABC'],
    ['publish', joinReplyTo('oktopus/usp/v1/controller', own)],
    ['publish', joinReplyTo('oktopus/usp/v1/controller/os::0001-ABC', own)],
    ['publish', joinReplyTo('oktopus/usp/v1/api/os::0001-ABC', own)],
  ])('lets a device %s %s', (action, topic) => {
    expect(may(action, topic)).toBe(true)
  })

  it.each<[Action, string]>([
    // The hole of Oktopus: speaking for another device.
    ['publish', forged],
    ['publish', joinReplyTo(forged, own)],
    ['publish', joinReplyTo('oktopus/usp/v1/controller', 'oktopus/usp/v1/agent/os::0002-XYZ')],
    ['publish', joinReplyTo('oktopus/usp/v1/api/os::0001-ABC', 'oktopus/usp/v1/agent/os::0002-XYZ')],
    ['publish', 'oktopus/usp/v1/controller/os::0001-ABC/more'],
    ['publish', 'oktopus/usp/v1/api/os::0002-XYZ'],
    ['publish', own],
    ['publish', 'oktopus/usp/v1/agent/os::0002-XYZ'],
    ['publish', 'oktopus/usp/v1/status/os::0001-ABC'],
    ['publish', '$SYS/x'],
    ['publish', 'anything'],
    ['subscribe', 'oktopus/usp/v1/agent/os::0002-XYZ'],
    ['subscribe', 'oktopus/usp/v1/agent/+'],
    ['subscribe', '$share/g/oktopus/usp/v1/agent/#'],
    ['subscribe', 'oktopus/usp/v1/controller'],
    ['subscribe', 'oktopus/usp/v1/api/os::0001-ABC'],
    ['subscribe', '+/os::0001-ABC/#'],
    ['subscribe', '#'],
    ['subscribe', '$SYS/#'],
  ])('lets no device %s %s', (action, topic) => {
    expect(may(action, topic)).toBe(false)
  })

  it.each(['', '+', '#', 'a/b', 'reply-to=oktopus%2Fusp%2Fv1%2Fagent%2Fvictim'])(
    'gives the endpoint ID %j nothing of others',
    (endpointId) => {
      const who = { ...device, endpointId }
      for (const id of ['victim', 'a/b', '+', '']) {
        expect(may('subscribe', `oktopus/usp/v1/agent/${id}`, who)).toBe(false)
        expect(may('publish', `oktopus/usp/v1/controller/${id}`, who)).toBe(false)
      }
      const redirected = joinReplyTo('oktopus/usp/v1/controller', 'oktopus/usp/v1/agent/victim')
      expect(may('publish', redirected, who)).toBe(false)
    },
  )

  it('lets the controller do everything, and knows it by its user name alone', () => {
    const controller = { ...device, username: 'oktopusController', endpointId: 'oktopusController' }
    expect(may('subscribe', '#', controller)).toBe(true)
    expect(may('subscribe', '$SYS/#', controller)).toBe(true)
    expect(may('publish', own, controller)).toBe(true)
    expect(may('publish', joinReplyTo(own, 'oktopus/usp/v1/controller'), controller)).toBe(true)
    const impostor = { ...device, clientId: 'oktopusController', endpointId: 'oktopusController' }
    expect(may('publish', own, impostor)).toBe(false)
    expect(may('subscribe', '#', impostor)).toBe(false)
  })

  it('can be opened for agents without configuration (R-MQTT.45)', () => {
    const rules = OKTOPUS_DEFAULTS.rules.map((rule) => ({ ...rule, enabled: true }))
    const session = compileAcl({ version: 1, rules }).session(device)
    expect(session.decide('subscribe', '+/os::0001-ABC/#', 0, false).verdict).toBe('allow')
    expect(session.decide('subscribe', '+/+/os::0001-ABC/#', 0, false).verdict).toBe('allow')
    expect(session.decide('subscribe', '+/os::0002-XYZ/#', 0, false).verdict).toBe('deny')
  })

  it('has no rule that does nothing', () => {
    expect(analyse(OKTOPUS_DEFAULTS)).toEqual([])
  })
})
