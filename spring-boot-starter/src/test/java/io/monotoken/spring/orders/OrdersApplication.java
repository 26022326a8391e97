package io.monotoken.spring.orders;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.PropertySource;

/** Its properties are not in application.properties, which all tests of this module would read. */
@SpringBootApplication(proxyBeanMethods = false)
@PropertySource("classpath:orders.properties")
public class OrdersApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(OrdersApplication.class, arguments);
    }
}
