"""The dialogue as a pure function: state, events, actions."""
