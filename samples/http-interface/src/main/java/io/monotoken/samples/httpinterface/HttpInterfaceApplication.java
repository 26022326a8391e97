package io.monotoken.samples.httpinterface;

import io.monotoken.testing.StandInApi;
import io.monotoken.testing.StandInTokenServer;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.service.registry.HttpServiceGroup.ClientType;
import org.springframework.web.service.registry.ImportHttpServices;

/** The group has the name of a client in application.yml: that is how its calls get that client's token and base URL. */
@SpringBootApplication(proxyBeanMethods = false)
@ImportHttpServices(group = "comply-one", types = Employees.class, clientType = ClientType.WEB_CLIENT)
public class HttpInterfaceApplication {

    /**
     * Starts the application, calls the API and ends.
     *
     * @param arguments Spring Boot's
     */
    public static void main(String[] arguments) {
        SpringApplication.run(HttpInterfaceApplication.class, arguments).close();
    }

    @Bean
    ApplicationRunner calls(Employees employees, StandInTokenServer provider) {
        return arguments -> {
            employees
                    .all()
                    .doOnNext(employee -> System.out.println(
                            employee.position() + ": " + employee.firstName() + " " + employee.lastName()))
                    .blockLast();
            System.out.println("Token requests: " + provider.tokenRequests());
        };
    }

    /** Plays the provider. With credentials in application.yml, this bean and the next may go. */
    @Bean
    StandInTokenServer provider() {
        return StandInTokenServer.stemsAccounts().start();
    }

    @Bean
    StandInApi complyOne(StandInTokenServer provider) {
        return StandInApi.complyOne(provider).start();
    }
}
