package io.monotoken.samples.httpinterface;

import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import reactor.core.publisher.Flux;

/** The employees that Comply One knows. Nothing here speaks of tokens. */
@HttpExchange("/employees")
interface Employees {

    @GetExchange
    Flux<Employee> all();

    record Employee(String firstName, String lastName, String position) {}
}
