/** A bench that has nothing but its own nats-server, to be killed by a test. The folder is its first argument. */
import { ownServer } from '../../../electron/engine/nats/server.ts'

const server = ownServer({ folder: process.argv[1] ?? '' })
server.onState(({ state }) => {
  if (state === 'running') process.stdout.write('running\n')
})
