"""Names for the demo organisation: first and last names found in Lisbon and Toronto, and birds to name teams after."""

# ruff: noqa: SIM905, RUF001 -- a list of names reads best as words, and names are spelt as people spell them

FIRST = (
    "Agnieszka Amara Ana Anneli Babajide Beatriz Bruno Camille Carlos Catarina Chidi Clara Daniela Deniz Diogo "
    "Elif Emeka Esther Farah Filipa Francisco Gabriela Gonçalo Grace Hana Helena Hiroshi Ifeoma Inês Ivan Jakub "
    "Joana João Jorge Kofi Lara Leonor Lucas Luísa Mads Malika Marek Mariana Marisa Mateus Matilde Meera Mehmet "
    "Miguel Mónica Nadia Naomi Nuno Oksana Olivia Omar Patrícia Paulo Pedro Priya Rafael Rahul Raquel Renata "
    "Ricardo Rita Rosa Rui Salma Samira Sandra Saoirse Sara Sérgio Simone Sofia Stefan Susana Tariq Telma Teresa "
    "Thabo Tiago Tomasz Vasco Vera Yara Yusuf"
).split()

LAST = (
    "Abreu Adeyemi Almeida Alves Andrade Antunes Araújo Aydın Azevedo Barros Bastos Batista Bauer Bello Borges "
    "Brandt Brito Byrne Campos Cardoso Carvalho Castro Chen Correia Costa Cruz Cunha Deshpande Dias Duarte "
    "El-Amin Eriksen Esteves Faria Fernandes Ferreira Fonseca Fraser Freitas Garcia Gomes Gonçalves Gupta Haddad "
    "Henriques Hrytsenko Ibrahim Jansen Kaya Keane Kowalska Laurent Leal Lima Lopes Machado Macedo Magalhães "
    "Marques Martins Matos Mbeki Melo Mendes Mensah Miranda Monteiro Morais Moreira Moretti Mota Murphy Nair "
    "Neves Nguyen Nogueira Novak Nunes Okafor Okonkwo Oliveira Osei Pacheco Patel Pereira Pinheiro Pinto Pires "
    "Ramos Reis Ribeiro Rocha Rodrigues Sá Salgado Sanches Santos Silva Simões Singh Sousa Tanaka Tavares "
    "Teixeira Torres Tremblay Valente Vaz Vieira Wieczorek Wrona Zhang Zielińska"
).split()

BIRDS = (
    "Avocet Bittern Curlew Dunlin Egret Fulmar Gannet Heron Ibis Jackdaw Kestrel Linnet Merlin Nuthatch Osprey Plover "
    "Quail Redstart Siskin Tern Wagtail Whimbrel Wren Yellowhammer Bunting Crane Dipper Eider Firecrest Godwit Hobby "
    "Kingfisher Lapwing Martin Nightjar Oriole Pipit Raven Sanderling Teal"
).split()
