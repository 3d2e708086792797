/** Access, certificates and controller of a bench that is open and new, for tests of other things. */
import { accessCommands, type AccessState } from '../../shared/contract/access.ts'
import { certificateCommands, type CertificatesState } from '../../shared/contract/certificates.ts'
import type { EngineHandlers } from '../../shared/contract/contract.ts'
import { dataModelCommands } from '../../shared/contract/data-model.ts'
import { dryRunCommands } from '../../shared/contract/dry-run.ts'
import { flowCommands } from '../../shared/contract/flows.ts'
import { natsCommands, type NatsActivity } from '../../shared/contract/nats.ts'
import { settingsCommands } from '../../shared/contract/settings.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { snapshotCommands } from '../../shared/contract/snapshots.ts'
import { savedMessageCommands } from '../../shared/contract/saved-messages.ts'
import { uspCommands, type UspState } from '../../shared/contract/usp.ts'
import { watchCommands } from '../../shared/contract/watch.ts'

const certificate = {
  subject: 'O=Oktobench, CN=Test',
  issuer: 'O=Oktobench, CN=Test',
  serial: '01',
  fingerprint: 'AA:BB',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2036-01-01T00:00:00.000Z',
  hosts: ['192.168.1.20'],
}

export const accessState: AccessState = {
  open: true,
  users: 1,
  list: { version: 0, rules: [] },
  findings: [],
  denials: [],
  denialsDropped: 0,
  nats: { server: 'absent', connected: false, credentials: 'file', pending: 0 },
}

export const certificatesState: CertificatesState = {
  authority: certificate,
  authorityFile: '/bench/certificates/lab-ca.pem',
  server: certificate,
  clientCertificates: 'optional',
  devices: [],
}

export const uspState: UspState = {
  controller: { state: 'connected', endpointId: 'oktopusController', subscriptions: [] },
  discover: true,
  waiting: 0,
  reading: [],
  notifications: 0,
}

export const natsActivity: NatsActivity = {
  login: { kind: 'none', waits: false },
  entries: [],
  dropped: 0,
}

const parts = {
  ...accessCommands,
  ...dryRunCommands,
  ...certificateCommands,
  ...uspCommands,
  ...dataModelCommands,
  ...natsCommands,
  ...settingsCommands,
  ...snapshotCommands,
  ...watchCommands,
  ...savedMessageCommands,
  ...flowCommands,
}
type Guarded = keyof typeof parts
const refuse = (): never => {
  throw new BenchFailure('unavailable', 'This bench is a stand-in without this part.')
}

/** Each answers with the error `unavailable`. */
export const accessHandlers = Object.fromEntries(
  Object.keys(parts).map((name) => [name, refuse]),
) as unknown as Pick<EngineHandlers, Guarded>
