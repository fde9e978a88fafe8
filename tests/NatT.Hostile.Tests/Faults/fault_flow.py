"""fault_flow.py ADDRESS: asks the echo server there every 2 ms, come what may.

Says "answer N." with the first answer after a silence, "passed N." with the 20th, "quiet N." when the next silence begins: sending
fails, or a second goes by without an answer.
"""
import socket
import sys
import time

PORT = 7007
SILENCE = 1
MANY = 20


def flow(address):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    count = 0
    answers = 0
    heard = 0.0
    while True:
        fails = False
        try:
            client.sendto(b"hello", (address, PORT))
        except OSError:
            fails = True
        try:
            while True:
                client.recv(100)
                heard = time.monotonic()
                answers += 1
                if answers == 1:
                    count += 1
                    print(f"answer {count}.", flush=True)
                elif answers == MANY:
                    print(f"passed {count}.", flush=True)
        except OSError:
            pass
        if answers > 0 and (fails or time.monotonic() - heard >= SILENCE):
            answers = 0
            print(f"quiet {count}.", flush=True)
        time.sleep(0.002)


flow(sys.argv[1])
