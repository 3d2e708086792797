/** MQTT 5.0, all statements in the order of the standard. */
import { inOrder } from './statement.ts'
import { v5Operation } from './v5-operation.ts'
import { v5Packets } from './v5-packets.ts'

export const v5 = inOrder(v5Packets, v5Operation)
