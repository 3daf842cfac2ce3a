# SPDX-License-Identifier: AGPL-3.0-or-later
"""A line between two programs on loopback that can be listened to and cut."""
import socket
import threading


class Wire:
    """Carries what is dialled at `port` to `target`. With `keep`, every byte stays in memory: what somebody on the network has."""

    def __init__(self, target, keep=True):
        self.target, self.keep, self.whole = target, keep, True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.streams, self.ends = [], []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.cut()
        self.listener.close()

    def cut(self):
        """Ends what runs over it and lets nothing more through."""
        self.whole = False
        for end in self.ends:
            self._shut(end, socket.SHUT_RDWR)
        self.ends.clear()

    def mend(self):
        self.whole = True

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target)) if self.whole else None
            except OSError:
                if self.listener.fileno() < 0:
                    return
                far = None
            if far is None:
                near.close()
                continue
            self.ends += (near, far)
            for source, sink in ((near, far), (far, near)):
                kept = bytearray()
                self.streams.append(kept)
                threading.Thread(target=self._carry, args=(source, sink, kept), daemon=True).start()

    def _carry(self, source, sink, kept):
        try:
            while piece := source.recv(65536):
                if self.keep:
                    kept += piece
                sink.sendall(piece)
        except OSError:
            pass
        self._shut(source, socket.SHUT_RD)
        self._shut(sink, socket.SHUT_WR)

    @staticmethod
    def _shut(end, how):
        try:
            end.shutdown(how)
        except OSError:
            pass

    def bytes(self):
        return b"".join(bytes(s) for s in list(self.streams))

    def records(self):
        """TLS record types in the order they went, per stream."""
        for stream in [bytes(s) for s in list(self.streams)]:
            at, kinds = 0, []
            while at + 5 <= len(stream):
                kinds.append(stream[at])
                at += 5 + int.from_bytes(stream[at + 3:at + 5], "big")
            yield kinds
