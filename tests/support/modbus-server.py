"""A Modbus TCP server by other people (pymodbus): prints its port, serves until its standard input ends.

Unit 7: input registers 0.. = 3100, -5 (as 16 bits), 21.5 (float32, high first), 21.5 (float32, low first);
discrete inputs 0.. = false, true.
"""

import asyncio
import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer

high, low = struct.unpack(">HH", struct.pack(">f", 21.5))
inputs = ModbusSequentialDataBlock(0, [3100, 0xFFFB, high, low, low, high])
bits = ModbusSequentialDataBlock(0, [False, True])
unit = ModbusSlaveContext(ir=inputs, di=bits, zero_mode=True)


async def main() -> None:
    server = ModbusTcpServer(ModbusServerContext(slaves={7: unit}, single=False), address=("127.0.0.1", 0))
    serving = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print(server.server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    serving.cancel()


asyncio.run(main())
