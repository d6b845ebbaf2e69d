/* The smallest program there is to start. */
int main(void)
{
	return 0;
}
