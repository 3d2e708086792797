/** What can be done with the bench itself. */
import { copy, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import type { LanAddress } from '../../../shared/contract/model.ts'
import { sortedAddresses } from './addresses.ts'

export const benchCommands: readonly Command[] = [
  {
    id: 'bench.workspace',
    group: 'Bench',
    title: 'Show the workspace folder',
    available: (model) => model.live.getState().bench?.host === 'desktop',
    run: (model) => void model.run('host.showWorkspace', undefined),
  },
]

const copyAddress = ({ address, interface: name }: LanAddress): Command => ({
  id: `bench.copy.${address}`,
  group: 'Bench',
  title: `Copy LAN address ${address} (${name})`,
  run: (model) => void copy(model, address, address),
})

/** One command an address of this machine, best first. */
export const addressCommands = (model: Model): Command[] =>
  sortedAddresses(model.live.getState().bench?.addresses ?? []).map(copyAddress)
