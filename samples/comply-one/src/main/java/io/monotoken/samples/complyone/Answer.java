package io.monotoken.samples.complyone;

import java.time.Duration;

/**
 * What one caller of Comply One saw.
 *
 * @param outcome the status, or why there was none
 * @param took from asking to answer
 */
public record Answer(String outcome, Duration took) {}
