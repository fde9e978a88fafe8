"""udp_echo.py serve | ask ADDRESS SECONDS: asks every 20 ms until the first answer; exit code 1 where none comes."""
import socket
import sys
import time

PORT = 7007


def serve():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("", PORT))
        while True:
            question, asker = server.recvfrom(100)
            server.sendto(question, asker)


def ask(address, seconds):
    end = time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.02)
        while time.monotonic() < end:
            try:
                client.sendto(b"hello", (address, PORT))
                client.recvfrom(100)
                return 0
            except OSError:
                # No answer yet, or no route yet.
                time.sleep(0.005)
    return 1


if sys.argv[1] == "serve":
    serve()
sys.exit(ask(sys.argv[2], float(sys.argv[3])))
