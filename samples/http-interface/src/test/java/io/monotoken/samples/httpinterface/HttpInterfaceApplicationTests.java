package io.monotoken.samples.httpinterface;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class HttpInterfaceApplicationTests {

    @Test
    void callsTheApiThroughTheInterfaceAndEnds(CapturedOutput console) {
        HttpInterfaceApplication.main(new String[0]);

        assertThat(console)
                .contains("Site Supervisor: Ada Nguyen", "Electrician: Ben Walker", "Safety Officer: Chloe Singh")
                .contains("Token requests: 1")
                .doesNotContain("P4ssw0rd", "your_client_secret");
    }
}
