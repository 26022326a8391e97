package io.monotoken.spring.orders;

import org.springframework.boot.SpringApplication;

class TestOrdersApplication {

    public static void main(String[] arguments) {
        SpringApplication.from(OrdersApplication::main).with(StandIns.class).run(arguments);
    }
}
