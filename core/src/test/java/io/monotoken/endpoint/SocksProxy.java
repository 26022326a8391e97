package io.monotoken.endpoint;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5Message;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.handler.codec.socksx.v5.Socks5ServerEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A SOCKS5 proxy on a loopback port that wants a user name and a password, and connects every name to one port here. */
final class SocksProxy implements AutoCloseable {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<String> connects = new CopyOnWriteArrayList<>();
    private final String password;
    private final int target;
    private final Channel server;

    private SocksProxy(int target, String password) {
        this.target = target;
        this.password = password;
        this.server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(Socks5ServerEncoder.DEFAULT)
                                .addLast("decoder", new Socks5InitialRequestDecoder())
                                .addLast("talk", new Talk());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    static SocksProxy to(int target, String password) {
        return new SocksProxy(target, password);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /** {@return host and port that clients asked for} */
    List<String> connects() {
        return connects;
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Talk extends SimpleChannelInboundHandler<Socks5Message> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, Socks5Message message) {
            if (message instanceof Socks5InitialRequest) {
                context.pipeline().replace("decoder", "decoder", new Socks5PasswordAuthRequestDecoder());
                context.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.PASSWORD));
            } else if (message instanceof Socks5PasswordAuthRequest who) {
                boolean known = who.password().equals(password);
                context.pipeline().replace("decoder", "decoder", new Socks5CommandRequestDecoder());
                context.writeAndFlush(new DefaultSocks5PasswordAuthResponse(
                        known ? Socks5PasswordAuthStatus.SUCCESS : Socks5PasswordAuthStatus.FAILURE));
            } else if (message instanceof Socks5CommandRequest command) {
                connect(context, command);
            }
        }

        private void connect(ChannelHandlerContext context, Socks5CommandRequest command) {
            connects.add(command.dstAddr() + ":" + command.dstPort());
            ChannelFuture connected = new Bootstrap()
                    .group(context.channel().eventLoop())
                    .channel(NioSocketChannel.class)
                    .handler(new Relay(context.channel()))
                    .connect(InetAddress.getLoopbackAddress(), target);
            connected.addListener(done -> {
                context.pipeline().addLast(new Relay(connected.channel()));
                context.writeAndFlush(
                                new DefaultSocks5CommandResponse(Socks5CommandStatus.SUCCESS, command.dstAddrType()))
                        .addListener(written -> {
                            context.pipeline().remove("decoder");
                            context.pipeline().remove("talk");
                            context.pipeline().remove(Socks5ServerEncoder.class);
                        });
            });
        }
    }

    /** Hands on what it reads. */
    private static final class Relay extends ChannelInboundHandlerAdapter {

        private final Channel other;

        Relay(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            other.writeAndFlush(bytes);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            other.close();
        }
    }
}
