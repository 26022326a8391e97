package io.monotoken.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes bytes on to a server of this machine, and its replies only while it is told to. */
final class DroppingProxy implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean dropping;

    DroppingProxy(int target) throws IOException {
        this.target = target;
        run(() -> {
            while (true) {
                Socket client = socket.accept();
                run(() -> connect(client));
            }
        });
    }

    /** A server that is away ends this connection alone. */
    private void connect(Socket client) throws IOException {
        Socket server;
        try {
            server = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
            client.close();
            return;
        }
        open.add(client);
        open.add(server);
        run(() -> pass(client, server, false));
        run(() -> pass(server, client, true));
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void run(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // one side has closed
                    }
                },
                "dropping-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void pass(Socket from, Socket to, boolean reply) throws IOException {
        byte[] buffer = new byte[8_192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!reply || !dropping) {
                    out.write(buffer, 0, n);
                }
            }
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    /** From now on what the server says is lost, or passed on again on new connections. */
    void dropReplies(boolean drop) throws IOException {
        dropping = drop;
        if (!drop) {
            disconnect(); // a reply that was lost leaves the rest of its connection out of step
        }
    }

    /** New connections go to another server, and those that are open end. */
    void moveTo(int port) throws IOException {
        target = port;
        disconnect();
    }

    private void disconnect() throws IOException {
        for (Socket one : open) {
            one.close();
        }
        open.clear();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        disconnect();
    }

    @Override
    public String toString() {
        return "DroppingProxy[" + port() + " -> " + target + "]";
    }
}
