"""forge.py ADDRESS SPI RATE SECONDS: forged ESP of that SPI to ADDRESS, port 1100; prints at the end how many it sent."""

import os
import socket
import sys
import time

PORT = 1100
LENGTH = 136


def main():
    address, spi, rate, seconds = sys.argv[1], int(sys.argv[2], 0), int(sys.argv[3]), int(sys.argv[4])
    header = spi.to_bytes(4, "big")
    sent = 0
    started = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        while (elapsed := time.monotonic() - started) < seconds - 5:
            while sent < elapsed * rate:
                # 8 octets of header, 16 of IV, 96 of ciphertext, 16 of ICV: only the ICV is wrong.
                out.sendto(header + (sent + 1).to_bytes(4, "big") + os.urandom(LENGTH - 8), (address, PORT))
                sent += 1
            time.sleep(0.005)
    print(sent)


if __name__ == "__main__":
    main()
